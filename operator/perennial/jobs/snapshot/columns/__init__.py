"""Columns of a snapshot: which, of what type, and how a cell becomes a value."""
