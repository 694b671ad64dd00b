"""Exact counts, in memory that outlives the worker."""
