"""Outstations and a collector that are not there: for trying things out, and for tests."""
