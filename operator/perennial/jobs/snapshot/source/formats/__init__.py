"""Reads files as record batches, one module per format."""
