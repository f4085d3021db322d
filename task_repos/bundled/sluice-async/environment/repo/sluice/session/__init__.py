"""Talking to one outstation over one link."""
