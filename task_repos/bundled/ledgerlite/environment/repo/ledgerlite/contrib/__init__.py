"""Conveniences that users have sent in; small, and kept working."""
