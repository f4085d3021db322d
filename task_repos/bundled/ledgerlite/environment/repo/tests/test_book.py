"""The book itself: writing, reversing, refusing, batches, queries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book, Draft, Entry, post_batch
from ledgerlite.entries import describe, make_legs
from ledgerlite.errors import (
    AlreadyReversed,
    BatchRejected,
    DuplicateReference,
    InvalidAmount,
    InvalidDate,
    PeriodClosed,
    StorageError,
    UnbalancedEntry,
    UnknownAccount,
    UnknownEntry,
)
from ledgerlite.periods import month, parse_period
from ledgerlite.posting import batch_problems, merge_drafts
from ledgerlite.queries import (
    at_least,
    balances_on,
    by_month,
    in_period,
    is_live,
    memo_contains,
    movements,
    profit,
    select,
    turnover,
)

day = date.fromisoformat
eur = Decimal


def test_post_debits_the_first_account_and_credits_the_second(book: Book) -> None:
    number = book.post(day("2026-01-05"), "6100", "1020", eur("800.00"), "Rent")
    assert number == 1
    assert book.balance("6100") == eur("800.00")
    assert book.balance("1020") == eur("-800.00")
    assert describe(book.entry(1)) == "#1 2026-01-05 6100 +800.00, 1020 -800.00 Rent"


def test_post_reads_loose_dates_and_amounts(book: Book) -> None:
    book.post("2026-01-05", "6100", "1020", 0.1)
    book.post("2026-01-06", "6100", "1020", "2.50", ref="x")
    book.post(amount=3, credit="1020", debit="6100", date="2026-01-07")
    assert book.balance("6100") == eur("5.60")
    with pytest.raises(InvalidDate):
        book.post("5 January", "6100", "1020", 1)


@pytest.mark.parametrize("amount", ["0", "-1", "0.001"])
def test_post_refuses_amounts_that_are_none(book: Book, amount: str) -> None:
    with pytest.raises(InvalidAmount):
        book.post(day("2026-01-05"), "6100", "1020", eur(amount))
    assert len(book) == 0


def test_split_entries_must_balance(book: Book) -> None:
    legs = [("6100", eur("10.00")), ("6200", eur("5.00")), ("1020", eur("-15.00"))]
    assert book.post_split(day("2026-01-05"), legs, memo="Two") == 1
    assert book.entry(1).total == eur("15.00")
    assert book.entry(1).counterparts("1020") == ("6100", "6200")
    with pytest.raises(UnbalancedEntry, match="off by 0.01"):
        book.post_split(day("2026-01-05"), [("6100", eur("1.01")), ("1020", eur("-1.00"))])
    with pytest.raises(UnbalancedEntry):
        make_legs([("6100", eur("0")), ("1020", eur("0"))])


def test_references_are_unique(book: Book) -> None:
    book.post(day("2026-01-05"), "6100", "1020", eur("1.00"), "", "r1")
    with pytest.raises(DuplicateReference, match="stands on entry 1"):
        book.post_split(day("2026-01-06"), [("6100", eur("1")), ("1020", eur("-1"))], ref="r1")
    found = book.find_ref("r1")
    assert found is not None and found.number == 1
    assert book.find_ref("r2") is None


def test_reversal_keeps_the_date_unless_told_otherwise(book: Book) -> None:
    first = book.post(day("2026-01-05"), "6100", "1020", eur("1.00"), "Rent", "r")
    back = book.reverse(first)
    assert book.entry(back).date == day("2026-01-05")
    assert book.entry(back).memo == "Reversal of #1"
    assert book.entry(back).ref is None
    assert book.balance("6100") == 0
    with pytest.raises(AlreadyReversed):
        book.reverse(first)
    other = book.reverse(back, "2026-02-01", "Once more")
    assert book.entry(other).date == day("2026-02-01")
    assert book.balance("6100") == eur("1.00")
    with pytest.raises(UnknownEntry):
        book.reverse(99)


def test_closed_periods_and_unknown_accounts_are_refused(book: Book) -> None:
    book.calendar.close(month(2026, 1))
    with pytest.raises(PeriodClosed):
        book.post(day("2026-01-31"), "6100", "1020", eur("1.00"))
    with pytest.raises(UnknownAccount):
        book.post(day("2026-02-01"), "6100", "9999", eur("1.00"))


def test_listeners_hear_of_every_entry_until_they_leave(book: Book) -> None:
    heard: list[Entry] = []
    cancel = book.subscribe(heard.append)
    book.post(day("2026-01-05"), "6100", "1020", eur("1.00"))
    book.reverse(1)
    cancel()
    book.post(day("2026-01-05"), "6100", "1020", eur("1.00"))
    assert [entry.number for entry in heard] == [1, 2]


def test_a_book_in_yen_takes_no_fractions() -> None:
    book = Book(currency="JPY")
    book.post(day("2026-01-05"), "6100", "1020", eur("100"))
    with pytest.raises(InvalidAmount):
        book.post(day("2026-01-05"), "6100", "1020", eur("100.5"))


def test_strict_batches_are_all_or_nothing(book: Book) -> None:
    good = Draft.simple(day("2026-01-05"), "6100", "1020", eur("5.00"), ref="a")
    bad = Draft.simple(day("2026-01-05"), "6100", "9999", eur("5.00"))
    with pytest.raises(BatchRejected, match="draft 2: no account '9999'"):
        post_batch(book, [good, bad])
    assert len(book) == 0
    assert post_batch(book, [good, bad], strict=False) == [1]
    assert post_batch(book, [good], False) == []


def test_batches_see_their_own_references(book: Book) -> None:
    draft = Draft.simple(day("2026-01-05"), "6100", "1020", eur("5.00"), ref="a")
    problems = batch_problems(book, [draft, draft])
    assert list(problems) == [1]
    assert problems[1] == ["draft 2: reference 'a' appears twice in the batch"]


def test_drafts_of_one_day_can_be_merged() -> None:
    first = Draft.simple(day("2026-01-05"), "6100", "1020", eur("5.00"))
    second = Draft.simple(day("2026-01-05"), "6200", "1020", eur("2.00"))
    merged = merge_drafts([first, second], "Both")
    assert dict(merged.legs) == {"6100": eur("5.00"), "1020": eur("-7.00"), "6200": eur("2.00")}
    later = Draft.simple(day("2026-01-06"), "6200", "1020", eur("2.00"))
    with pytest.raises(BatchRejected):
        merge_drafts([first, later], "No")


def test_restore_checks_order_and_balance(book: Book) -> None:
    legs = make_legs([("6100", eur("1.00")), ("1020", eur("-1.00"))])
    with pytest.raises(StorageError, match="where 1 belongs"):
        book.restore(Entry(2, day("2026-01-05"), legs))
    with pytest.raises(StorageError, match="does not balance"):
        book.restore(Entry(1, day("2026-01-05"), legs[:1]))
    book.restore(Entry(1, day("2026-01-05"), legs, ref="r"))
    assert book.find_ref("r") is not None


def test_entry_records_survive_a_round_trip(book: Book) -> None:
    book.post(day("2026-01-05"), "6100", "1020", eur("12.50"), "Café", "r")
    book.reverse(1)
    for entry in book:
        assert Entry.from_record(entry.to_record()) == entry


@pytest.fixture
def busy(book: Book) -> Book:
    book.post(day("2026-01-05"), "1020", "4000", eur("100.00"), "Sale one")
    book.post(day("2026-02-03"), "6100", "1020", eur("30.00"), "Rent")
    book.post(day("2026-01-20"), "1020", "4000", eur("50.00"), "Sale two")
    book.post(day("2026-03-01"), "1020", "4000", eur("70.00"), "sale three")
    book.reverse(4, day("2026-03-02"))
    return book


def test_queries_filter_and_order_by_date(busy: Book) -> None:
    assert [e.number for e in select(busy, memo_contains("SALE"))] == [1, 3, 4]
    assert [e.number for e in select(busy, in_period(month(2026, 1)), at_least(eur("60")))] == [1]
    assert [is_live(busy, entry) for entry in busy] == [True, True, True, False, False]


def test_movements_carry_a_running_balance(busy: Book) -> None:
    found = list(movements(busy, "1020", parse_period("2026-Q1")))
    assert [m.balance for m in found] == [eur(t) for t in ("100", "150", "120", "190", "120")]
    only = list(movements(busy, "1020", month(2026, 2)))
    assert [(m.amount, m.balance) for m in only] == [(eur("-30"), eur("120"))]


def test_turnover_balances_and_profit(busy: Book) -> None:
    assert turnover(busy, "1020", month(2026, 3)) == (eur("70.00"), eur("70.00"))
    assert balances_on(busy, day("2026-01-31")) == {"1020": eur("150.00"), "4000": eur("-150.00")}
    assert busy.balance("1020", as_of=day("2026-02-10")) == eur("120.00")
    assert by_month(busy, "4000", parse_period("2026-Q1")) == {
        "2026-01": eur("-150.00"),
        "2026-02": eur("0.00"),
        "2026-03": eur("0.00"),
    }
    assert profit(busy, parse_period("2026")) == eur("120.00")
