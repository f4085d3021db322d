"""Version 5: petty cash 1011 is folded into cash on hand, month by month."""

from ledgerlite.dates import month_end
from ledgerlite.entries import Draft
from ledgerlite.money import ZERO
from ledgerlite.posting import post_batch

VERSION = 5
TITLE = "petty cash"


def upgrade(book):
    if "1011" not in book.chart:
        return
    sums = {}
    for entry in book:
        last = month_end(entry.date)
        sums[last] = sums.get(last, ZERO) + entry.amount_for("1011")
    drafts = [
        Draft(last, (("1010", amount), ("1011", -amount)), "Migration 5", "migration:5:%s" % last)
        for last, amount in sorted(sums.items())
        if amount
    ]
    post_batch(book, drafts, strict=False)
    if book.balance("1011") == 0:
        book.chart.archive("1011")
