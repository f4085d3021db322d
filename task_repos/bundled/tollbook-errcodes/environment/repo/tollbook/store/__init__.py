"""What is kept: messages that wait, guarantees, what has been sent."""
