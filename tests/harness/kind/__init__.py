"""A cluster in containers, made by kind wherever a container engine answers."""
