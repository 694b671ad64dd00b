"""A real Kubernetes cluster with real servers beside it, for the demo and the tests."""
