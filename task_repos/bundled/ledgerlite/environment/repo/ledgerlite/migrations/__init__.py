"""Frozen data migrations.

A migration has run on books that we will never see.  Its file is history: it is not
edited, reformatted or modernised, and what it needs from the package must keep working.
"""
