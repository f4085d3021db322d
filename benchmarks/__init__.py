"""Measurements of the project: each script prints a table, its ratios taken in one run."""
