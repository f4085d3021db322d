"""Countries that parcels go to and come from, and the customs unions among them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """`union` is "" for a country that is in none; `currency` is the one that duties are paid in."""

    code: str
    name: str
    union: str
    currency: str
    closed: tuple[str, ...] = ()


_ALL = (
    Country("AT", "Austria", "EU", "EUR"),
    Country("BE", "Belgium", "EU", "EUR"),
    Country("CA", "Canada", "", "CAD", ("0407", "9303")),
    Country("CH", "Switzerland", "CH-LI", "CHF"),
    Country("CN", "China", "", "CNY", ("4901", "4907")),
    Country("DE", "Germany", "EU", "EUR"),
    Country("DK", "Denmark", "EU", "DKK"),
    Country("ES", "Spain", "EU", "EUR"),
    Country("FR", "France", "EU", "EUR"),
    Country("GB", "United Kingdom", "GB-IM", "GBP"),
    Country("IE", "Ireland", "EU", "EUR"),
    Country("IM", "Isle of Man", "GB-IM", "GBP"),
    Country("IT", "Italy", "EU", "EUR"),
    Country("JP", "Japan", "", "JPY", ("1006",)),
    Country("LI", "Liechtenstein", "CH-LI", "CHF"),
    Country("NL", "Netherlands", "EU", "EUR"),
    Country("NO", "Norway", "", "NOK", ("0406",)),
    Country("PL", "Poland", "EU", "PLN"),
    Country("SE", "Sweden", "EU", "SEK"),
    Country("TR", "Turkey", "", "TRY"),
    Country("US", "United States", "", "USD", ("0406", "1704")),
)
_BY_CODE = {country.code: country for country in _ALL}


def country(code: str) -> Country:
    """The country of a code of two letters, in either case."""
    try:
        return _BY_CODE[code.upper()]
    except KeyError:
        raise LookupError("country {!r} is not in the list".format(code)) from None


def known(code: str) -> bool:
    """Whether a code is one of a country here."""
    return code.upper() in _BY_CODE


def shared_union(one: str, other: str) -> str:
    """The customs union that holds both countries, a country by itself too; "" without one."""
    if one.upper() == other.upper():
        return country(one).union or country(one).code
    first, second = country(one).union, country(other).union
    return first if first == second else ""


def closed_headings(code: str) -> tuple[str, ...]:
    """Headings, four digits each, of goods that may not be sent to a country."""
    return country(code).closed
