"""Metrics of a model on held-out rows, with their intervals."""
