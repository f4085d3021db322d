"""Rows to what people read: pure; every figure comes from rows, and planned = passed + failed + broken + invalid + pending, always."""
