"""What is looked at before a consignment is declared: each check gives the problems that it sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from tollbook.consignments.model import Consignment
from tollbook.consignments.problems import Problem, in_order
from tollbook.countries import closed_headings, shared_union
from tollbook.settings import Limits

LOW_VALUE = {True: Decimal("0.5"), False: Decimal("2.0")}
"""The least that a kilogram is worth, of goods by the ton (more than 25 kg) and of others."""
HEAVY = Decimal(25)
EMPTY_WORDS = frozenset("goods gift gifts item items parts present samples stuff things various".split())
SLACK = Decimal("0.01")

Check = Callable[[Consignment, Limits], Iterator[Problem]]


def size(consignment: Consignment, limits: Limits) -> Iterator[Problem]:
    """There are goods lines, and not too many."""
    count = len(consignment.lines)
    if not count:
        yield Problem(301, f"consignment {consignment.number}: no goods lines")
    if count > limits.lines:
        yield Problem(
            302, "consignment %s: %s goods lines, at most %s are allowed" % (consignment.number, count, limits.lines)
        )


def invoice(consignment: Consignment, limits: Limits) -> Iterator[Problem]:
    """Goods lines and invoice come to the same."""
    lines = consignment.value.value
    if consignment.lines and abs(lines - consignment.invoice.value) > SLACK:
        yield Problem(304, f"sum of goods lines is {lines:.2f}, the invoice says {consignment.invoice.value:.2f}")


def low_values(consignment: Consignment, limits: Limits) -> Iterator[Problem]:
    """Goods are worth what they weigh."""
    for line in consignment.lines:
        if line.net and line.value_per_kilogram < LOW_VALUE[line.net > HEAVY]:
            yield Problem(
                303, f"goods line {line.number}: value {line.value} is low for {line.net:.1f} kg", line.number
            )


def descriptions(consignment: Consignment, limits: Limits) -> Iterator[Problem]:
    """Descriptions say what the goods are."""
    for line in consignment.lines:
        words = {word.strip(".,;").lower() for word in line.goods.split()}
        if words <= EMPTY_WORDS:
            yield Problem(
                305, "goods line {}: description {!r} says nothing".format(line.number, line.goods), line.number
            )


def unions(consignment: Consignment, limits: Limits) -> Iterator[Problem]:
    """Within a customs union nothing is declared."""
    union = shared_union(consignment.start, consignment.goal)
    if union:
        yield Problem(306, f"consignment {consignment.number}: sender and receiver are both in {union}")


def closed(consignment: Consignment, limits: Limits) -> Iterator[Problem]:
    """Some goods may not be sent to some countries."""
    headings = closed_headings(consignment.goal)
    for line in consignment.lines:
        if line.tariff and line.tariff.replace(".", "")[:4] in headings:
            yield Problem(
                307,
                "goods line %s: %s may not be sent to %s" % (line.number, line.tariff, consignment.goal),
                line.number,
            )


def threshold(consignment: Consignment, limits: Limits) -> Iterator[Problem]:
    """Below a threshold a short declaration would do."""
    value = consignment.value.value
    if consignment.lines and value < Decimal(str(limits.threshold)):
        yield Problem(
            308, f"consignment {consignment.number}: below the threshold, {value:.2f} of {limits.threshold:.2f}"
        )


CHECKS: tuple[Check, ...] = (size, invoice, low_values, descriptions, unions, closed, threshold)


def check(consignment: Consignment, limits: Limits | None = None) -> list[Problem]:
    """All problems of a consignment, the serious ones first."""
    found = [problem for each in CHECKS for problem in each(consignment, limits or Limits())]
    return in_order(found)
