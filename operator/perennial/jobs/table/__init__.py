"""Rows as a model takes them."""
