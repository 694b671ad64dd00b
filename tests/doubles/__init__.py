"""Doubles and processes that stand in for the cluster, the server or the store in tests."""
