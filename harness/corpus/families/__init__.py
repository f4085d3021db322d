"""Families: one fault, or one thing that looks like one, a file; found by looking into this folder (see harness.corpus)."""
