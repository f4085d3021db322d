"""Tariffs, goods lines, origin, checks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tollbook.consignments.checks import check
from tollbook.consignments.reader import from_csv, from_object
from tollbook.errors import ConsignmentFileError, GoodsLineError, OriginError, TariffBookError, Unclassified, UnknownTariff
from tollbook.goods.classify import classify
from tollbook.goods.lines import goods_line, merged
from tollbook.goods.origin import factor
from tollbook.goods.tariffs import TariffBook, read_book

CELLS = {"goods": "toy trains", "quantity": "2", "value": "10.00 EUR", "net": "1 kg", "origin": "jp"}


def test_book_is_read(book: TariffBook) -> None:
    assert len(book) == 5
    assert book.find("9503.00.10", date(2026, 1, 2)).rate == Decimal("4.7")
    assert [each.number for each in book.under("9503")] == ["95030010", "95030020"]


def test_tariffs_end(book: TariffBook) -> None:
    with pytest.raises(UnknownTariff) as caught:
        book.find("61101110", date(2026, 4, 1))
    assert caught.value.code == 213
    assert str(caught.value) == "TB-213: tariff 61101110 expired on 2026-03-31"


def test_books_hold_a_number_once() -> None:
    with pytest.raises(TariffBookError, match="lines 2 and 3"):
        read_book("head\n95030010;a;1;;\n95030010;b;1;;\n", 2026)


def test_goods_find_their_tariff(book: TariffBook) -> None:
    assert classify(goods_line(1, CELLS), book).number == "95030010"
    with pytest.raises(Unclassified, match="no tariff for 'anvil'"):
        classify(goods_line(1, CELLS | {"goods": "anvil"}), book)


def test_goods_lines_make_sense() -> None:
    for change in ({"quantity": "0"}, {"goods": " "}, {"gross": "500 g"}):
        with pytest.raises(GoodsLineError):
            goods_line(4, CELLS | change)


def test_equal_goods_are_merged() -> None:
    lines = merged([goods_line(1, CELLS), goods_line(2, CELLS)])
    assert [(line.number, line.quantity, str(line.value)) for line in lines] == [(1, 4, "20.00 EUR")]


def test_proofs_of_origin() -> None:
    assert factor(goods_line(1, CELLS | {"proof": "SOO-1234-260101"}), date(2026, 5, 4)) == Decimal("0.25")
    with pytest.raises(OriginError) as caught:
        factor(goods_line(1, CELLS | {"proof": "SOO-1234-240101"}), date(2026, 5, 4))
    assert caught.value.code == 222


def test_checks_see_problems(body: dict) -> None:
    assert check(from_object(body)) == []
    found = check(from_object(body | {"goal": "FR", "invoice": "10.00 EUR"}))
    assert [(each.number, each.severity) for each in found] == [(304, "error"), (306, "error")]


def test_rows_repeat_the_head() -> None:
    head = "number;day;sender;receiver;start;goal;invoice;goods;quantity;value;net;origin\n"
    row = "C1;2026-05-04;toys;alba;DE;GB;20.00 EUR;toy trains;2;10.00 EUR;1 kg;DE\n"
    assert [len(each.lines) for each in from_csv(head + row + row)] == [2]
    with pytest.raises(ConsignmentFileError, match="line 3: another head"):
        from_csv(head + row + row.replace("alba", "else"))
