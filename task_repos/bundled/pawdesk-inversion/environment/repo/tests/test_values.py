"""Money, spans, paper, documents: nothing of the world."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pytest

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.money import included_tax, money, show, split_evenly
from pawdesk.paper import csv_line, table
from pawdesk.spans import Span, add_months, free_of, merge


def at(hour, minute=0):
    return datetime(2026, 3, 2, hour, minute)


def test_money_is_exact():
    assert money("1.005") == Decimal("1.01")
    assert split_evenly(Decimal("100"), 3) == (Decimal("33.34"), Decimal("33.33"), Decimal("33.33"))
    assert included_tax(Decimal("119.00"), Decimal("0.19")) == Decimal("19.00")
    assert show(Decimal("1234.5"), "EUR") == "1,234.50 EUR"
    with pytest.raises(Refused):
        money(1.5)


def test_spans_are_half_open():
    assert not Span(at(8), at(9)).overlaps(Span(at(9), at(10)))
    assert list(free_of(Span(at(8), at(12)), [Span(at(9), at(10))])) == [Span(at(8), at(9)), Span(at(10), at(12))]
    assert merge([Span(at(9), at(10)), Span(at(8), at(9))]) == [Span(at(8), at(10))]
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)


def test_tables_and_lines():
    assert table(("a", "b"), [("x", 10)], right=(1,)) == ["a   b", "-  --", "x  10"]
    assert csv_line(["a,b", None, 3]) == '"a,b",,3'


@dataclass(frozen=True)
class Thing:
    when: datetime
    price: Decimal
    day: date | None = None
    names: tuple[str, ...] = ()


def test_documents_come_back():
    thing = Thing(at(8), Decimal("1.50"), date(2026, 3, 2), ("a", "b"))
    assert pack(thing) == {"when": "2026-03-02T08:00:00", "price": "1.50", "day": "2026-03-02", "names": ["a", "b"]}
    assert unpack(Thing, pack(thing)) == thing
    assert unpack(Thing, {"when": "2026-03-02T08:00:00", "price": "2", "unknown": 1}).names == ()
