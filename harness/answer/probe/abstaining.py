"""Whether a model that is asked for what nobody stated says so; one that names something guesses, and its recall is worth less; pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harness.answer.probe.deciding import Count

ABSENT = "absent"


class Abstained(msgspec.Struct, frozen=True):
    """Of `asked` questions about what nobody ever stated: how many had the one right answer, none; how many named a value; and how many replies
    were no readable answer, which says neither. The three are all that were asked.
    """

    abstained: int
    asked: int
    named: int = 0
    unreadable: int = 0


def abstained(counts: Iterable[Count]) -> Abstained | None:
    """`counts`: under the arm `absent`. None where nobody was asked."""
    every = tuple(counts)
    asked, failed, unreadable = (sum(figures) for figures in zip(*((each.rolls, each.failed, each.unreadable) for each in every), strict=True)) if every else (0, 0, 0)
    return Abstained(asked - failed, asked, failed - unreadable, unreadable) if asked else None
