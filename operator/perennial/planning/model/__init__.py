"""When a Model trains, and what becomes of the result."""
