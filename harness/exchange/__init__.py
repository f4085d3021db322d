"""Ways out and in: a run as one file, and back. What comes in is believed in nothing that its digests do not prove."""
