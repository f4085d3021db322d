"""Outgoing invoices: documents, their entries, payments and reminders."""

from ledgerlite.invoices.documents import Invoice, InvoiceLine, Numbering
from ledgerlite.invoices.receivables import Receivables

__all__ = ["Invoice", "InvoiceLine", "Numbering", "Receivables"]
