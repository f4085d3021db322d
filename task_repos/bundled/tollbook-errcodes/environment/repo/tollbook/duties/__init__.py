"""Duties: what is to be paid, in which currency, on which guarantee."""
