"""The operator's process: kopf runs the watches, everything else is ours."""
