"""The checks of a contract, and the failures they lead to."""
