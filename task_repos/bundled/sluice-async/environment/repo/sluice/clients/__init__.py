"""Clients of the servers that a gateway reports to."""
