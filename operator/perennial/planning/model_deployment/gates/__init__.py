"""Counts of candidate and stable in, one result for each gate out."""
