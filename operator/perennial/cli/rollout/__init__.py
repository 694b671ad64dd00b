"""`kubectl perennial rollout VERB`."""
