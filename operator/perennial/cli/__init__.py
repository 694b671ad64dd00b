"""The kubectl plugin: `kubectl perennial VERB`."""
