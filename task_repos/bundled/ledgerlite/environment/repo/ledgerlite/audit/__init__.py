"""Who wrote what into a book: an append-only log with a hash chain, and its replay."""

from ledgerlite.audit.books import AuditedBook
from ledgerlite.audit.log import AuditLog, AuditRecord

__all__ = ["AuditLog", "AuditRecord", "AuditedBook"]
