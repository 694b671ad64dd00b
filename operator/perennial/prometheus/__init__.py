"""Numbers from Prometheus, or an explicit NoData."""
