"""Predicates read on a recorded tree by parsing it. Never: importing, running or compiling to run what an agent wrote."""
