"""Whether a model that is asked for what nobody stated says so; one that names something guesses, and its recall is worth less; pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harness.answer.probe.deciding import Count

ABSENT = "absent"


class Abstained(msgspec.Struct, frozen=True):
    """Of `asked` questions about what nobody ever stated, how many had the one right answer: none."""

    abstained: int
    asked: int


def abstained(counts: Iterable[Count]) -> Abstained | None:
    """`counts`: under the arm `absent`. None where nobody was asked."""
    every = tuple(counts)
    asked = sum(each.rolls for each in every)
    return Abstained(asked - sum(each.failed for each in every), asked) if asked else None
