"""Figures that are counts of trials over a few denominators, as whole steps of one unit: what can be counted need not be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm

FINEST = 10_000
"""Shares of trials are fractions with small denominators; a finer one than this is no count of trials."""
NEAR = 1e-9
"""Floats that are equal on paper differ by less than this."""


def steps(figures: Iterable[float], longest: int) -> tuple[dict[float, int], int] | None:
    """Each distinct figure as a whole number of steps, and how many steps make 1.

    None where the figures are no such fractions, or where the widest is more than `longest` steps.
    """
    found = {float(each): _fraction(float(each)) for each in figures}
    if any(abs(float(exact) - each) > NEAR for each, exact in found.items()):
        return None
    unit = lcm(*(exact.denominator for exact in found.values()))
    counted = {each: int(exact * unit) for each, exact in found.items()}
    return (counted, unit) if max(map(abs, counted.values()), default=0) <= longest else None


@lru_cache(maxsize=4_096)
def _fraction(figure: float) -> Fraction:
    return Fraction(figure).limit_denominator(FINEST)


def shifted(differences: Sequence[float], shift: float, longest: int) -> list[int] | None:
    """The differences less `shift`, each in whole steps; None as above."""
    found = steps({*differences, shift}, longest)
    return None if found is None else [found[0][float(each)] - found[0][float(shift)] for each in differences]
