"""What every plugin must satisfy, as plain functions over a port; used by tests and by `doctor`, importing only the vocabulary."""
