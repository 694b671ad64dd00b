"""Asks model servers."""
