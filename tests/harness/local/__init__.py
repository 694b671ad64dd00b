"""One real Kubernetes node on a Linux machine with root and without a container engine."""
