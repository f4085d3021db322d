"""Readings of a trace: pure functions from recorded events to figures and verdicts; no clock, file, socket or log."""
