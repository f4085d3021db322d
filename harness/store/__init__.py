"""The record: append-only traces in SQLite, bulky bytes by content, trees as git objects. It never judges what it keeps."""
