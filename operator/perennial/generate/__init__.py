"""Generators of files from the API: for developers only, never run in the cluster."""
