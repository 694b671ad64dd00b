"""What runs inside a Job's pod: prepare -> work -> publish."""
