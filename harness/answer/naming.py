"""What two sides are called beside each other: as little as tells them apart."""

from __future__ import annotations

from harness.answer.question import names
from harness.answer.side import Who


def called(a: Who, b: Who, runs: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[str, str]:
    """The model; with agents where these differ and a model is asked, with runs where nothing else differs."""
    full = a.agent != b.agent
    one, other = names(a, full=full), names(b, full=full)
    return (one, other) if one != other else (f"{one}@{' '.join(runs[0])}", f"{other}@{' '.join(runs[1])}")
