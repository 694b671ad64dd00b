"""One pure function from request to response, and the thin layers that bring it to a socket."""
