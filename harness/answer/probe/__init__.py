"""Replays at chosen points, and what they say of why an item was not honoured."""
