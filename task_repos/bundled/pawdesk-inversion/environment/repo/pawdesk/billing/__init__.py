"""What is charged, to whom, and how the money comes in."""
