"""Entering many drafts at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ledgerlite.book import Book
from ledgerlite.compat import post_batch
from ledgerlite.entries import Draft, Receipt
from ledgerlite.errors import BatchRejected
from ledgerlite.money import total

__all__ = ["batch_problems", "merge_drafts", "post_batch", "record_all"]


def record_all(
    book: Book, drafts: Iterable[Draft], *, skip_invalid: bool = False
) -> list[Receipt]:
    """Enter drafts in order; returns one receipt per new entry.

    One bad draft raises BatchRejected and nothing is entered; with ``skip_invalid`` bad
    drafts are left out.  Two drafts of one batch with the same reference count as bad.
    """
    waiting = list(drafts)
    problems = batch_problems(book, waiting)
    if problems and not skip_invalid:
        raise BatchRejected([text for index in sorted(problems) for text in problems[index]])
    return [
        book.record_entry(draft.legs, on=draft.date, note=draft.memo, reference=draft.ref)
        for index, draft in enumerate(waiting)
        if index not in problems
    ]


def batch_problems(book: Book, drafts: Sequence[Draft]) -> dict[int, list[str]]:
    """Problems by position of the draft, each text opening with ``draft N:`` counted from 1."""
    found: dict[int, list[str]] = {}
    seen: set[str] = set()
    for index, draft in enumerate(drafts):
        texts = book.problems_of(draft)
        if draft.ref is not None and draft.ref in seen:
            texts.append(f"reference {draft.ref!r} appears twice in the batch")
        if draft.ref is not None:
            seen.add(draft.ref)
        if texts:
            found[index] = [f"draft {index + 1}: {text}" for text in texts]
    return found


def merge_drafts(drafts: Sequence[Draft], memo: str) -> Draft:
    """One collective draft of several of the same day; legs on one account are added up."""
    days = {draft.date for draft in drafts}
    if len(days) != 1:
        raise BatchRejected(["only drafts of one day can be merged"])
    sums: dict[str, list[Decimal]] = {}
    for draft in drafts:
        for account, amount in draft.legs:
            sums.setdefault(account, []).append(amount)
    legs = tuple((account, total(amounts)) for account, amounts in sums.items())
    return Draft(days.pop(), tuple(leg for leg in legs if leg[1] != 0), memo)
