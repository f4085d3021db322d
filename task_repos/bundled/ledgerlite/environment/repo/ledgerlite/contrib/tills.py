"""Till rolls as our shops send them: sums, fees and cash differences, in floats as the tills print them."""

from __future__ import annotations

from collections.abc import Iterable

CARD_RATE = 1.9


def roll_total(lines: Iterable[str]) -> float:
    """The sum of a roll's lines, whose amounts stand last: ``"Coffee 2.80"``."""
    return round(sum(float(line.split()[-1].replace(",", ".")) for line in lines), 2)


def card_fee(total: float, rate: float = CARD_RATE) -> float:
    """What the card company keeps of a total, by the rate in percent."""
    return round(total * rate / 100, 2)


def service_charge(total: float, rate: float) -> float:
    """A charge in percent of a total, to the next cent."""
    return round(total * rate / 100 + 0.0049, 2)


def shared(total: float, heads: int) -> list[float]:
    """A total over heads; the last one takes the rest."""
    part = round(total / heads, 2)
    return [part] * (heads - 1) + [round(total - part * (heads - 1), 2)]


def cash_difference(counted: float, expected: float) -> float:
    """Positive when there is too much in the till."""
    return round(counted - expected, 2)
