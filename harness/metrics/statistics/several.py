"""Several tests at once: p values adjusted so that one may look at all of them."""

from __future__ import annotations

from collections.abc import Sequence


def holm(ps: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p values in the given order: rejecting those at most 0.05 makes any false rejection at all at most 5 % likely.

    Holm 1979, Scandinavian Journal of Statistics 6:65-70: the i-th smallest of m times (m - i + 1), never falling. Holds however the tests
    depend on each other. Raises ValueError for a figure outside 0..1; NaN is one.
    """
    count = len(ps)
    adjusted, least = [0.0] * count, 0.0
    for rank, index in enumerate(_order(ps)):
        least = max(least, min(1.0, ps[index] * (count - rank)))
        adjusted[index] = least
    return tuple(adjusted)


def benjamini_hochberg(ps: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p values in the given order: among those at most 0.05, the expected share of false ones is at most 5 %.

    Benjamini and Hochberg 1995, JRSS B 57:289-300: the i-th smallest of m times m / i, never rising from the largest down. Holds for
    independent tests and for those that depend on each other positively (Benjamini and Yekutieli 2001). Raises ValueError as `holm`.
    """
    count = len(ps)
    adjusted, most = [0.0] * count, 1.0
    for rank, index in reversed(list(enumerate(_order(ps), start=1))):
        most = min(most, ps[index] * count / rank)
        adjusted[index] = most
    return tuple(adjusted)


def _order(ps: Sequence[float]) -> list[int]:
    if not all(0 <= p <= 1 for p in ps):
        raise ValueError(f"p values {list(ps)}: expected figures from 0 to 1")
    return sorted(range(len(ps)), key=lambda index: ps[index])
