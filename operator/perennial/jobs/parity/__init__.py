"""Whether the compiled form of a model repeats its pipeline."""
