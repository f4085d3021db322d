"""Version 4: version 0.3 could enter the same interest twice on one day; the second goes."""

VERSION = 4
TITLE = "double interest"


def upgrade(book):
    seen = set()
    for entry in list(book):
        if "6500" not in entry.accounts or entry.ref is not None or entry.reverses is not None:
            continue
        key = (entry.date, entry.legs, entry.memo)
        if key in seen and book.reversal_of(entry.number) is None and book.calendar.is_open(entry.date):
            book.reverse(entry.number, memo="Migration 4: entered twice")
        seen.add(key)
