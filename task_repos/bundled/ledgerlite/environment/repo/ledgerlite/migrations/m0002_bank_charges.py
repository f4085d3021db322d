"""Version 2: bank charges leave office expenses and get an account of their own."""

from ledgerlite.accounts import Kind

VERSION = 2
TITLE = "bank charges"


def upgrade(book):
    if "6300" not in book.chart:
        book.chart.open("6300", "Bank charges", Kind.EXPENSE)
    for entry in list(book):
        amount = entry.amount_for("6200")
        if amount > 0 and "bank charge" in entry.memo.lower() and book.calendar.is_open(entry.date):
            book.post(entry.date, "6300", "6200", amount, "Migration 2: #%d" % entry.number)
