"""Compiles fitted scikit-learn objects into plain data, from which a server predicts."""


class NotCompilableError(Exception):
    """A fitted object has no equivalent in the arithmetic of the server."""
