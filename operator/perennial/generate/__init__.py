"""What is generated from the API: commands for developers, nothing that runs in the cluster."""
