"""ledgerlite: double-entry bookkeeping in plain Python.

The names below are the public API; everything else is reached through its module.
"""

from ledgerlite.accounts import Account, Chart, Kind, small_business_chart
from ledgerlite.book import Book
from ledgerlite.currency import Money, RateTable
from ledgerlite.entries import Draft, Entry, Leg, Receipt
from ledgerlite.errors import LedgerError
from ledgerlite.periods import FiscalCalendar, Period
from ledgerlite.posting import post_batch, record_all

__version__ = "0.9.0"

__all__ = [
    "Account",
    "Book",
    "Chart",
    "Draft",
    "Entry",
    "FiscalCalendar",
    "Kind",
    "LedgerError",
    "Leg",
    "Money",
    "Period",
    "RateTable",
    "Receipt",
    "post_batch",
    "record_all",
    "small_business_chart",
]
