"""Declarations: what is handed in at a customs office."""
