"""Customs offices: when they are open, how they are reached, what they answer."""
