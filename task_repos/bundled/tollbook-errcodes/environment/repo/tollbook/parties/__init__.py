"""Parties: who sends, who receives, who declares."""
