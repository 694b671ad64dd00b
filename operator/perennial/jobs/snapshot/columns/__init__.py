"""Columns of a snapshot: their selection, their types, and the conversion of cells."""
