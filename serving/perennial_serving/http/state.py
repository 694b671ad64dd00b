"""The states of a connection."""

from enum import Enum


class State(Enum):
    """What a connection does with input.

    Two facts are independent of the state: the client may not be reading (stalled), and it may have
    sent its last byte (half closed).

        READING ---- response pending ----> ANSWERING
        READING <--- response written ----- ANSWERING
        ANSWERING -- more to do ----------> QUEUEING
        QUEUEING --- response written ----> BLOCKED
        READING ---- more to do ----------> BLOCKED
        BLOCKED ---- next turn, not stalled, nothing left ----> READING
        READING, ANSWERING, QUEUEING ---- last response written ----> CLOSING
        any -------- connection lost -----> CLOSING
    """

    READING = 0
    """Input is parsed as it arrives; nothing is pending."""
    ANSWERING = 1
    """One response is pending, and there is nothing else to do."""
    QUEUEING = 2
    """One response is pending, and there is more to do after it."""
    BLOCKED = 3
    """No response is pending; input waits for the client to read, or for its next turn."""
    CLOSING = 4
    """The last response is written; input is discarded until the client closes."""
