"""Real servers in the cluster, in a namespace of their own: an S3 API and Prometheus."""
