"""A small forwarder: a tariff book, two traders, a guarantee."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tollbook.declarations.build import Desk
from tollbook.duties.calculate import Calculator
from tollbook.duties.exchange import Exchange
from tollbook.duties.rates import Rates, Special
from tollbook.duties.relief import Relief, Reliefs
from tollbook.goods.tariffs import TariffBook, read_book
from tollbook.money import parse
from tollbook.parties.eori import complete
from tollbook.parties.sanctions import Listed, SanctionsList
from tollbook.parties.traders import Trader, Traders
from tollbook.settings import Limits
from tollbook.store.ledger import Ledger

BOOK = """tariff;text;rate;until;closed
95030010;toy trains of wood;4.7;;
95030020;toy cars of metal;4.7;;
61091000;shirts of cotton;12;;US
61101110;pullovers of wool;8;2026-03-31;
04069001;cheese;7.7;;
"""
DAY = date(2026, 5, 4)


@pytest.fixture
def book() -> TariffBook:
    return read_book(BOOK, 2026)


@pytest.fixture
def desk(book: TariffBook) -> Desk:
    traders = Traders()
    traders.add(Trader("toys", "Holz und Rad GmbH", complete("DE12345"), "DE", frozenset({"small"})))
    traders.add(Trader("alba", "Alba Shop", complete("GB77120"), "GB"))
    exchange = Exchange("EUR")
    exchange.learn("2026-05 2026-04-28\nGBP 0.85\nUSD 1.10\n")
    special = Special("9503", "CN", Decimal(14), date(2026, 1, 1), date(2026, 12, 31))
    reliefs = Reliefs({"samples": Relief("samples", ("9503",), parse("20.00 EUR"))})
    calculator = Calculator(Rates(book, (special,)), exchange, reliefs)
    listed = SanctionsList([Listed("Volkov Iron Works", "EU-2025", 17)])
    return Desk(book, traders, listed, calculator, Ledger("G-1", parse("1000.00 EUR")), Limits())


@pytest.fixture
def body() -> dict:
    """A consignment as shops send it."""
    line = {"goods": "wooden train toys", "quantity": "3", "value": "200.00 EUR", "net": "2 kg", "origin": "DE", "tariff": "95030010"}
    return {
        "number": "C1",
        "day": DAY.isoformat(),
        "sender": "toys",
        "receiver": "alba",
        "start": "DE",
        "goal": "GB",
        "invoice": "200.00 EUR",
        "lines": [line],
    }
