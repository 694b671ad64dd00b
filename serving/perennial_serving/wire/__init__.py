"""Between bytes and columns: every mistake of a caller becomes a Refusal that names its place."""
