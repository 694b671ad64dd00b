"""The quality checks of a contract, and their failures."""
