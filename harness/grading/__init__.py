"""Judging work: what is graded comes from the engine, runs in a fresh sandbox, and is read from a report. Nothing here knows a model."""
