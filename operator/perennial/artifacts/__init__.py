"""Files in an object store, addressed and verified by digest."""
