"""The duty of a consignment, line by line."""

from __future__ import annotations

from dataclasses import dataclass

from tollbook.consignments.model import Consignment
from tollbook.duties.exchange import Exchange
from tollbook.duties.rates import Rates
from tollbook.duties.relief import Reliefs
from tollbook.errors import GuaranteeError
from tollbook.goods.lines import GoodsLine
from tollbook.money import Amount, total
from tollbook.store.ledger import Ledger


@dataclass(frozen=True)
class Duty:
    """The duty of a goods line in the home currency."""

    line: int
    tariff: str
    value: Amount
    amount: Amount


@dataclass(frozen=True)
class Assessment:
    """Duties of all goods lines and their sum."""

    duties: tuple[Duty, ...]
    sum: Amount

    def of(self, line: int) -> Amount:
        """The duty of one goods line."""
        return next(each.amount for each in self.duties if each.line == line)


class Calculator:
    """Works out duties by rates, exchange rates and reliefs."""

    def __init__(self, rates: Rates, exchange: Exchange, reliefs: Reliefs) -> None:
        self._rates = rates
        self._exchange = exchange
        self._reliefs = reliefs

    def assess(self, consignment: Consignment) -> Assessment:
        """The duties of a consignment whose goods lines have their tariffs."""
        duties = tuple(self._duty(line, consignment) for line in consignment.lines)
        return Assessment(duties, total([each.amount for each in duties], self._exchange.home))

    def _duty(self, line: GoodsLine, consignment: Consignment) -> Duty:
        value = self._exchange.into_home(line.value, consignment.day)
        amount = value.per_cent(self._rates.rate(line, consignment.day))
        if consignment.relief:
            amount = self._reliefs.apply(consignment.relief, line, amount)
        return Duty(line.number, line.tariff, value, amount)


def secure(assessment: Assessment, ledger: Ledger, reference: str) -> None:
    """Put a duty on a guarantee."""
    if ledger.free < assessment.sum:
        raise GuaranteeError(
            f"guarantee {ledger.guarantee} covers {ledger.free.value:.2f}, the duty is {assessment.sum.value:.2f}"
        )
    ledger.hold(reference, assessment.sum)
