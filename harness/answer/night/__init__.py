"""Tonight against a baseline, and nights in a row; pure."""
