"""When a Dataset takes a snapshot, and as which Job."""
