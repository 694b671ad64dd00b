"""Errors that a user can act on, printed without a traceback."""


class CliError(Exception):
    """A verb cannot continue; the message names the cause and the remedy."""
