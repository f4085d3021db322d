"""From a consignment to a draft of its declaration: parties, tariffs, checks, duties, guarantee."""

from __future__ import annotations

from dataclasses import dataclass

from tollbook.consignments.checks import check
from tollbook.consignments.model import Consignment
from tollbook.consignments.problems import Problem, serious
from tollbook.declarations.states import Declaration
from tollbook.duties.calculate import Calculator, secure
from tollbook.errors import RefusedConsignment
from tollbook.goods.classify import classify
from tollbook.goods.lines import GoodsLine
from tollbook.goods.origin import demand_proof
from tollbook.goods.tariffs import TariffBook
from tollbook.parties.sanctions import SanctionsList
from tollbook.parties.traders import Traders
from tollbook.settings import Limits
from tollbook.store.ledger import Ledger

SMALL = "small"
"""The authorisation to declare without proofs of origin."""


@dataclass(frozen=True)
class Desk:
    """All that declarations are made with."""

    book: TariffBook
    traders: Traders
    sanctions: SanctionsList
    calculator: Calculator
    ledger: Ledger
    limits: Limits


def look(consignment: Consignment, desk: Desk) -> list[Problem]:
    """All problems and doubts, without making anything."""
    sender = desk.traders.find(consignment.sender)
    receiver = desk.traders.find(consignment.receiver)
    doubts = [*desk.sanctions.doubts(sender.name), *desk.sanctions.doubts(receiver.name)]
    return [*check(consignment, desk.limits), *doubts]


def build(consignment: Consignment, office: str, desk: Desk) -> Declaration:
    """A draft with its duties on the guarantee."""
    for key in (consignment.sender, consignment.receiver):
        desk.sanctions.refuse(desk.traders.may_declare(key, consignment.day).name)
    grave = serious(look(consignment, desk))
    if grave:
        raise RefusedConsignment(f"consignment {consignment.number} has {len(grave)} problems, the first is {grave[0]}")
    lines = [_settled(line, consignment, desk) for line in consignment.lines]
    settled = consignment.with_lines(lines)
    assessment = desk.calculator.assess(settled)
    secure(assessment, desk.ledger, settled.number)
    return Declaration(f"D{settled.number}", settled, assessment, office)


def _settled(line: GoodsLine, consignment: Consignment, desk: Desk) -> GoodsLine:
    tariff = desk.book.find(line.tariff, consignment.day) if line.tariff else classify(line, desk.book)
    desk.book.open_for(tariff, consignment.goal)
    if not line.proof and SMALL not in desk.traders.find(consignment.sender).authorisations:
        demand_proof(line)
    return line.with_tariff(tariff.number)
