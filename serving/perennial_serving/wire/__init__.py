"""Between the bytes of requests and responses and columns of values."""
