"""From three manifests to verified predictions on flights that the model never saw."""
