"""Owners, their animals, and what is written down about them."""
