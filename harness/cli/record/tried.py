"""Which try, and which turn, a word means; an unknown one is answered with the nearest."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.core.errors import PlanError, StoreError, StoreFullError
from harness.core.events import Trace
from harness.metrics.tries import tries


def until(trace: Trace, number: int | None, short: str) -> Trace:
    """The record up to the end of try `number` (None: of all), so that its latest try is the one meant. Raises PlanError."""
    if number is None:
        return trace
    each = tries(trace)
    if not 1 <= number <= len(each):
        raise PlanError("", "--try", number, _tries(len(each), short))
    return tuple(entry for one in each[:number] for entry in one)


def _tries(count: int, short: str) -> str:
    if count == 0:
        return f"a trial that began: {short} has no try yet"
    return f"a try of {short}: " + ("1, the only one" if count == 1 else f"1 to {count}")


def wrong_turn(turn: int, known: Collection[int], short: str) -> PlanError:
    """A turn that is not on record, with the nearest that is."""
    if not known:
        return PlanError("", "--turn", turn, f"a trial that began: {short} has no turn yet")
    nearest = min(known, key=lambda one: abs(one - turn))
    return PlanError("", "--turn", turn, f"a turn of {short}: {_spans(sorted(set(known)))}, the nearest is {nearest}")


def _spans(turns: list[int]) -> str:
    """A fork's turns go on where its parent's ended, so they need not be one stretch."""
    known = set(turns)
    firsts = [turn for turn in turns if turn - 1 not in known]
    lasts = [turn for turn in turns if turn + 1 not in known]
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in zip(firsts, lasts, strict=True))


@contextmanager
def undamaged(folder: Path) -> Iterator[None]:
    """A record that can't be read is a mistake of whoever hands it to us: one sentence, exit 2. Raises PlanError, StoreFullError."""
    try:
        yield
    except StoreFullError:
        raise
    except StoreError as fault:
        raise PlanError(str(folder), "", str(fault), "a whole record; `longhaul doctor RUN` tells what is damaged") from fault
