"""What a running gateway offers to others."""
