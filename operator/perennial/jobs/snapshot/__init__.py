"""Takes a snapshot: read, select, check, sort into canonical order, store under its digest."""
