"""Blind samples of findings and of random turns for two people to label, and what their answers say of the detectors."""
