"""The warden: PID 1 of every container, in C; its source, its two binaries and their digests. No Python but its build script."""
