"""Rows in, answers out; training compares with the same code."""
