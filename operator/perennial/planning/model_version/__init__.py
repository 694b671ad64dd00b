"""Whether a ModelVersion may be served."""
