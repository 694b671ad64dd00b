"""The model server: verifies one artifact, proves itself on its sample rows, then answers."""
