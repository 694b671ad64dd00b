"""One function from request to response, for one model."""
