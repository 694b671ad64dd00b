"""The server's processes, from start to end."""
