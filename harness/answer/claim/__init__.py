"""Published figures, and what the runs on record say of them; pure, but for reading the package's own data files."""
