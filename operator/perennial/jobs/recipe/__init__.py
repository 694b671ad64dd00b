"""From a recipe to a fitted pipeline."""
