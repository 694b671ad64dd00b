"""The parity gate: whether the compiled form of a model reproduces its pipeline."""
