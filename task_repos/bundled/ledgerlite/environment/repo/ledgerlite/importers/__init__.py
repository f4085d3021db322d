"""Bank file formats and what becomes of their lines."""

from ledgerlite.importers.formats import READERS, read_file
from ledgerlite.importers.statement import StatementLine

__all__ = ["READERS", "StatementLine", "read_file"]
