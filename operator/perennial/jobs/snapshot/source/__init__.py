"""Files of a source, as batches of rows."""
