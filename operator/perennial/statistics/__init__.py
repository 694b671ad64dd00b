"""Arrays in, verdicts out: numpy and the standard library, no I/O, no clock."""
