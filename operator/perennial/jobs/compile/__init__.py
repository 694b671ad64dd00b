"""Fitted scikit-learn objects in, plain data that a server computes with out."""


class NotCompilableError(Exception):
    """A fitted object computes something that the server's own arithmetic does not cover."""
