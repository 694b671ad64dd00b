"""Files as record batches of what stands in them, one module for each format."""
