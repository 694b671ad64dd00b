"""One training Job: prepare, work, publish."""
