"""Rows in canonical order, out of core."""
