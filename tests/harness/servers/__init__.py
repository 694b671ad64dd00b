"""Real servers in the cluster, in a namespace of their own: S3, Prometheus, a Gateway."""
