"""From the rows of a snapshot to the files of a model: split, fit, measure, store."""
