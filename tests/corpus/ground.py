"""A few cases of the deck, played once for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.cli.context.corpus_ground import ground, on_this_machine
from harness.corpus.deck import Draw, drawn_case
from harness.corpus.playing import Played, play
from harness.corpus.script import Case

SEED = 7


def case(family: str, kind: str, number: int = 0) -> Case:
    """Without the generated tasks: they cost time, and the command's own slice has them."""
    return drawn_case(Draw(family, kind, number), SEED)


@contextmanager
def played(folder: Path, *cases: Case) -> Iterator[tuple[Played, ...]]:
    folder.mkdir(exist_ok=True)
    with ground(folder, cases, on_this_machine()) as at:
        yield tuple(play(each, at) for each in cases)
