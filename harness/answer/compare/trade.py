"""What more passes cost: models by pass rate against an amount per trial, and which of them another one beats in both."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Offer(msgspec.Struct, frozen=True):
    """`rate`: 0..1, the more the better; `amount`: of money or seconds, the less the better."""

    rate: float
    amount: float


def beaten(offers: Sequence[Offer]) -> tuple[int | None, ...]:
    """For each the first other one that passes as much for as little, and more or for less; None for those on the front.

    Pareto dominance of the estimates themselves: what their intervals leave open it does not say.
    """
    return tuple(next((place for place, other in enumerate(offers) if _beats(other, one)), None) for one in offers)


def front(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Those that no other beats, from the smallest amount on."""
    held = {one for one, by in zip(offers, beaten(offers), strict=True) if by is None}
    return tuple(sorted(held, key=lambda one: (one.amount, one.rate)))


def _beats(one: Offer, other: Offer) -> bool:
    return one.rate >= other.rate and one.amount <= other.amount and one != other
