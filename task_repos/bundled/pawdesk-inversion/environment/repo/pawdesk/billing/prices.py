"""The price list: codes with amounts, changed from a day on, never in the past."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pawdesk.documents import pack, unpack
from pawdesk.errors import NotFound, Refused
from pawdesk.infra import clock, journal, printer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.money import money, show
from pawdesk.paper import headed, table

_cache: dict[str, list["Price"]] = {}
FIRST_LIST = {
    "CONSULT": ("consultation", "28.00"),
    "FOLLOWUP": ("follow-up", "16.50"),
    "VACC": ("vaccination", "22.00"),
    "CHIP": ("chip and registration", "35.00"),
    "DENTAL": ("dental cleaning", "140.00"),
    "LAB": ("laboratory panel", "48.00"),
    "IMG-X": ("x-ray", "55.00"),
    "IMG-U": ("ultrasound", "62.00"),
    "OP-15": ("operation, per quarter of an hour", "45.00"),
    "WARD": ("ward, per night", "32.00"),
    "WARD-ISO": ("isolation, per night", "48.00"),
}


@dataclass(frozen=True)
class Price:
    """What one unit of something costs from a day on."""

    id: str
    code: str
    text: str
    amount: Decimal
    since: date


def on_day(prices: list[Price], day: date) -> Price | None:
    """The price that holds on a day."""
    valid = [price for price in prices if price.since <= day]
    return max(valid, key=lambda price: (price.since, price.id), default=None)


class Prices:
    """Prices by code; the list is short, asked for all the time, and kept in memory."""

    def seed(self) -> int:
        """Enters the first list in an empty practice; how many codes."""
        if db().count("prices"):
            return 0
        for code, (text, amount) in FIRST_LIST.items():
            db().insert("prices", pack(Price(f"pri-{code}", code, text, money(amount), date(2020, 1, 1))))
        _cache.clear()
        return len(FIRST_LIST)

    def change(self, code: str, amount: Decimal | str, since: date, text: str = "") -> Price:
        """A new price from a day on, for a known code or, with a text, for a new one."""
        if since <= clock.today():
            raise Refused("a price changes tomorrow at the earliest")
        known = self._all(code)
        if not known and not text:
            raise NotFound("price", code)
        price = Price("", code, text or known[-1].text, money(amount), since)
        price = replace(price, id=db().insert("prices", {**pack(price), "id": None}))
        _cache.pop(code, None)
        journal.write("price.changed", code=code, amount=price.amount, since=since)
        return price

    def get(self, code: str) -> Price:
        """Today's price."""
        price = on_day(self._all(code), clock.today())
        if price is None:
            raise NotFound("price", code)
        return price

    def amount(self, code: str, times: int) -> Decimal:
        return money(self.get(code).amount * times)

    def codes(self) -> list[str]:
        return sorted({each["code"] for each in db().find("prices")})

    def print_list(self) -> str:
        """The list for the wall of the waiting room."""
        valid = [price for code in self.codes() if (price := on_day(self._all(code), clock.today()))]
        rows = [(price.code, price.text, show(price.amount, setting("currency"))) for price in valid]
        lines = headed(f"{setting('practice_name')}, {clock.today()}", table(("code", "what", "price"), rows, right=(2,)))
        return printer.print_page(setting("office_queue"), "PRICES", lines)

    def _all(self, code: str) -> list[Price]:
        if code not in _cache:
            _cache[code] = [unpack(Price, each) for each in db().find("prices", code=code)]
        return _cache[code]
