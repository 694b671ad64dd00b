"""Requests fair and mangled, and sudden ends, for servers under test."""
