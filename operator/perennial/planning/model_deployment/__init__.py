"""Which revision of a model serves, and how the next one replaces it."""
