"""Commands for people: nothing in here runs in the cluster."""
