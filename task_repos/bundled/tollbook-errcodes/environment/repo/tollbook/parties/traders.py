"""Traders that a forwarder knows: names, numbers, authorisations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from tollbook.errors import BarredTrader, TraderError
from tollbook.parties.eori import check


@dataclass(frozen=True)
class Trader:
    """`barred` is the day since when nothing may be declared for the trader."""

    key: str
    name: str
    eori: str
    country: str
    authorisations: frozenset[str] = frozenset()
    barred: date | None = None


class Traders:
    """Traders by their keys."""

    def __init__(self, traders: Iterable[Trader] = ()) -> None:
        self._traders = {each.key: each for each in traders}

    def __iter__(self) -> Iterator[Trader]:
        return iter(self._traders.values())

    def add(self, trader: Trader) -> Trader:
        """Register a trader, or replace one of the same key."""
        check(trader.eori)
        self._traders[trader.key] = trader
        return trader

    def find(self, key: str) -> Trader:
        """A registered trader."""
        if key not in self._traders:
            raise TraderError(f"trader {key!r} is not registered")
        return self._traders[key]

    def may_declare(self, key: str, day: date) -> Trader:
        """A trader that isn't barred on a day."""
        trader = self.find(key)
        if trader.barred is not None and trader.barred <= day:
            raise BarredTrader("trader {} is barred since {}".format(trader.name, trader.barred))
        return trader

    def authorised(self, key: str, kind: str) -> Trader:
        """A trader that holds an authorisation."""
        trader = self.find(key)
        if kind not in trader.authorisations:
            raise BarredTrader("trader %s holds no authorisation %s" % (trader.name, kind), 507)
        return trader

    def by_eori(self, eori: str) -> Trader | None:
        """The trader of a number, if any."""
        number = check(eori)
        return next((each for each in self if each.eori == number), None)


def read_traders(text: str) -> Traders:
    """Traders from a JSON list."""
    found = Traders()
    for each in json.loads(text):
        barred = date.fromisoformat(each["barred"]) if each.get("barred") else None
        held = frozenset(each.get("authorisations", ()))
        found.add(Trader(each["key"], each["name"], check(each["eori"]), each["country"], held, barred))
    return found
