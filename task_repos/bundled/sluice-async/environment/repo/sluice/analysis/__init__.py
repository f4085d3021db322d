"""What can be computed from readings."""
