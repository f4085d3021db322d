"""Money, weights, countries, numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tollbook.countries import country, shared_union
from tollbook.declarations import numbers
from tollbook.errors import EoriError, MrnError, TollbookError
from tollbook.money import parse, share, total
from tollbook.parties import eori
from tollbook.weights import kilograms, spread


def test_amounts_add_up() -> None:
    amounts = [parse("1.20 EUR"), parse("0.05 EUR")]
    assert str(total(amounts, "EUR")) == "1.25 EUR"
    assert [str(each) for each in share(parse("1.00 EUR"), [Decimal(1)] * 3)] == ["0.33 EUR", "0.33 EUR", "0.34 EUR"]


@pytest.mark.parametrize("text", ["", "12", "12.50", "EUR 12", "1,5 EUR"])
def test_other_texts_are_no_amounts(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse(text)


def test_currencies_stay_apart() -> None:
    with pytest.raises(ValueError, match="EUR and GBP"):
        parse("1.00 EUR") + parse("1.00 GBP")


@pytest.mark.parametrize(("text", "kilos"), [("2", "2.000"), ("800 g", "0.800"), ("3 lb", "1.361"), ("1,5kg", "1.500")])
def test_weights(text: str, kilos: str) -> None:
    assert kilograms(text) == Decimal(kilos)


def test_units_are_few() -> None:
    with pytest.raises(LookupError, match="stone"):
        kilograms("3 stone")


def test_packing_is_spread() -> None:
    assert spread(Decimal("3.000"), [Decimal(1), Decimal(1)]) == [Decimal("1.500"), Decimal("1.500")]


def test_unions() -> None:
    assert shared_union("de", "FR") == "EU"
    assert shared_union("DE", "GB") == ""
    assert shared_union("NO", "NO") == "NO"
    with pytest.raises(LookupError):
        country("XX")


def test_eori_numbers() -> None:
    number = eori.complete("DE12345")
    assert eori.check(number) == number
    with pytest.raises(EoriError) as caught:
        eori.check(number[:-1] + ("0" if number[-1] != "0" else "1"))
    assert caught.value.code == 503
    assert isinstance(caught.value, ValueError)


def test_mrn() -> None:
    mrn = numbers.make(date(2026, 5, 4), "DE", 77)
    assert len(mrn) == numbers.LENGTH
    assert numbers.year_of(mrn) == 2026
    with pytest.raises(MrnError, match="check character"):
        numbers.check(mrn[:-1] + "!")


def test_errors_print_their_number() -> None:
    assert str(TollbookError("nothing works", 100)) == "TB-100: nothing works"
