"""One command per file; the only room that prints, reads keys, or ends the process."""
