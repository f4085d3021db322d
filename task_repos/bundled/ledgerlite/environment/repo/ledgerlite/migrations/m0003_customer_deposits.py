"""Version 3: a receivables account in credit is really a customer deposit."""

from ledgerlite.accounts import Kind

VERSION = 3
TITLE = "customer deposits"


def upgrade(book):
    if "2500" not in book.chart:
        book.chart.open("2500", "Customer deposits", Kind.LIABILITY)
    last = max((entry.date for entry in book), default=None)
    rest = book.balance("1100")
    if last is not None and rest < 0 and book.calendar.is_open(last):
        book.post_split(last, [("1100", -rest), ("2500", rest)], memo="Migration 3", ref="migration:3")
