"""The command line: ``python -m ledgerlite.cli BOOK COMMAND ...``."""
