"""A snapshot: read, select, check, put in canonical order, store under the digest of the rows."""
