"""Runs the operator's process; kopf provides the watches and nothing else."""
