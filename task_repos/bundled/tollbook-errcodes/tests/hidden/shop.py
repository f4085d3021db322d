"""A forwarder whose world is made up, for the scenes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tollbook.consignments.model import Consignment
from tollbook.consignments.reader import from_object
from tollbook.declarations.build import Desk, build
from tollbook.declarations.states import Declaration
from tollbook.duties.calculate import Calculator
from tollbook.duties.exchange import Exchange
from tollbook.duties.rates import Rates, Special
from tollbook.duties.relief import Relief, Reliefs
from tollbook.goods.lines import GoodsLine, goods_line
from tollbook.goods.tariffs import TariffBook, read_book
from tollbook.money import parse
from tollbook.offices.directory import Directory, Office
from tollbook.offices.transmit import Transmitter, World
from tollbook.parties.eori import complete
from tollbook.parties.sanctions import Listed, SanctionsList
from tollbook.parties.traders import Trader, Traders
from tollbook.settings import Limits, Sending
from tollbook.store.ledger import Ledger

DAY = date(2026, 6, 9)
SUNDAY = datetime(2026, 6, 7, 10)
NOON = datetime(2026, 6, 9, 12)
BOOK = """tariff;text;rate;until;closed
42021100;cases of leather;3;;US NO
42022100;handbags of leather;9;;
71131900;rings of gold;2.5;;
92012000;grand pianos;4;2026-02-28;
08052100;mandarins;16;;
"""
LINE = {"goods": "leather handbag", "quantity": "2", "value": "300.00 EUR", "net": "1.4 kg", "origin": "IT", "tariff": "4202.21.00"}


def book() -> TariffBook:
    return read_book(BOOK, 2026)


def line(**changes: str) -> GoodsLine:
    return goods_line(7, LINE | changes)


def exchange() -> Exchange:
    made = Exchange("EUR", oldest=40)
    made.learn("2026-04 2026-03-30\nGBP 0.86\nCHF 0.95\n")
    return made


def reliefs() -> Reliefs:
    return Reliefs({
        "samples": Relief("samples", ("7113",), parse("5.00 EUR")),
        "fixed": Relief("fixed", (), parse("500.00 EUR"), parse("80.00 EUR")),
    })


def traders() -> Traders:
    found = Traders()
    found.add(Trader("borsa", "Borsa & Figli", complete("IT55501"), "IT"))
    found.add(Trader("nord", "Nordlys AS", complete("GB90210"), "NO", frozenset({"small"})))
    found.add(Trader("gone", "Gone Ltd", complete("GB90211"), "GB", frozenset(), date(2025, 12, 1)))
    found.add(Trader("iron", "Volkov Iron Works", complete("GB90212"), "GB"))
    found.add(Trader("near", "Volkow Iron Work", complete("GB90213"), "GB"))
    return found


def desk(**changes: Any) -> Desk:
    special = Special("4202", "CN", None, date(2026, 1, 1), date(2026, 12, 31))
    parts = {
        "book": book(),
        "traders": traders(),
        "sanctions": SanctionsList([Listed("Volkov Iron Works", "UN", 44)]),
        "calculator": Calculator(Rates(book(), (special,)), exchange(), reliefs()),
        "ledger": Ledger("G-9", parse("30.00 EUR")),
        "limits": Limits(lines=3),
    }
    return Desk(**(parts | changes))


def body(**changes: Any) -> dict[str, Any]:
    whole = {
        "number": "K12", "day": DAY.isoformat(), "sender": "borsa", "receiver": "nord",
        "start": "IT", "goal": "NO", "invoice": "300.00 EUR", "lines": [LINE],
    }
    return whole | changes


def consignment(**changes: Any) -> Consignment:
    return from_object(body(**changes))


def declaration() -> Declaration:
    return build(consignment(), "NO1", desk())


class Wire:
    """A line that gives one reply, or raises it."""

    def __init__(self, reply: object, seconds: float = 0.5) -> None:
        self._reply, self._seconds = reply, seconds

    def exchange(self, address: str, body: str, patience: float) -> tuple[str, float]:
        if isinstance(self._reply, Exception):
            raise self._reply
        return str(self._reply), self._seconds


def transmitter(reply: object = "", now: datetime = NOON, seconds: float = 0.5, attempts: int = 2) -> Transmitter:
    offices = (Office("NO1", "Svinesund", "NO", 8, 17), Office("NO2", "Oslo", "NO"))
    world = World(Wire(reply, seconds), lambda: now, lambda _: None)
    return Transmitter(Directory(offices, {"NO1": "tcp://svinesund"}), Sending(attempts=attempts), world)
