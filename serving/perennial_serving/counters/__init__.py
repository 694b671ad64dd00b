"""What is counted, exactly: cheap, and safe from the sudden end of a worker."""
