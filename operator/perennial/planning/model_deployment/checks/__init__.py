"""Checks of a rollout: the first that applies in its phase decides on the next step."""
