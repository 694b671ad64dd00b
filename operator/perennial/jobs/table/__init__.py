"""Inputs, target and held-out split of a training table."""
