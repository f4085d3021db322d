"""What came out of the channel, bytes to sessions: nothing in it is believed yet, nothing in it can raise. Pure."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec


class Phase(msgspec.Struct, frozen=True):
    """One outcome of a test's setup, call or teardown. `made`: by the runner in that process; else it was only passed on, or is a subtest's."""

    id: str
    when: str
    outcome: str
    seconds: float
    made: bool


class End(msgspec.Struct, frozen=True):
    """How a session said that it ended: pytest's exit status, failures it counted, lines said before, its seconds."""

    status: int
    failed: int
    lines: int
    seconds: float


class Session(msgspec.Struct, frozen=True):
    """One run of pytest. `disorder`: lines missing, repeated or after the end."""

    runner: str
    ids: tuple[str, ...]
    phases: tuple[Phase, ...]
    end: End | None
    unpaired: str
    disorder: bool
    lines: int


class Heard(msgspec.Struct, frozen=True):
    """`foreign`: lines of nobody's; `torn`: the last one has no end; `whole` is False where not all that was written was kept."""

    sessions: tuple[Session, ...] = ()
    foreign: int = 0
    whole: bool = True
    torn: bool = False


def hear(data: bytes, nonce: str, *, whole: bool = True) -> Heard:
    """Sort the lines by the process that said them. Where the middle is missing, one line is made of two: nobody's, if it begins as ours do."""
    said: dict[str, list[tuple[int, list[Any]]]] = {}
    foreign, joined = 0, whole
    lines = data.split(b"\n")
    for line in lines[:-1]:
        words = _words(line, nonce)
        if words is None and not joined and line.startswith(f"{nonce} ".encode()):
            joined = True
        elif words is None:
            foreign += 1
        else:
            said.setdefault(words[0], []).append(words[1:])
    return Heard(tuple(_session(each) for each in said.values()), foreign, whole, bool(lines[-1]))


def _words(line: bytes, nonce: str) -> tuple[str, int, list[Any]] | None:
    parts = line.split(b" ", 3)
    if len(parts) != 4 or parts[0] != nonce.encode() or not parts[1].isdigit() or not parts[2].isdigit():
        return None
    try:
        found = json.loads(parts[3])
        number = int(parts[2])
    except (ValueError, RecursionError):
        return None
    good = isinstance(found, list) and found and isinstance(found[0], str)
    return (parts[1].decode(), number, found) if good else None


def _session(said: list[tuple[int, list[Any]]]) -> Session:
    ids: list[str] = []
    phases: list[Phase] = []
    runner, unpaired = "", ""
    ends: list[End] = []
    disorder = [number for number, _ in said] != list(range(1, len(said) + 1))
    for _, words in said:
        disorder = disorder or bool(ends)
        match words:
            case ["begin", str(version), *_]:
                runner = version
            case ["ids", list(names)]:
                ids += [name for name in names if isinstance(name, str)]
            case ["made" | "part" | "logged" as kind, str() | int() as place, str(when), str(outcome), int() | float() as seconds]:
                phases.append(Phase(_named(place, ids), when, outcome, _seconds(seconds), kind == "made"))
            case ["end", int(status), int(failed), int(count), int() | float() as seconds]:
                ends.append(End(status, failed, count, _seconds(seconds)))
            case ["unpaired", str(why)]:
                unpaired = why
            case ["pair", *_]:
                pass
            case _:
                disorder = True
    return Session(runner, tuple(ids), tuple(phases), ends[0] if ends else None, unpaired, disorder, len(said))


def _named(place: str | int, ids: list[str]) -> str:
    if isinstance(place, str):
        return place
    return ids[place] if 0 <= place < len(ids) else f"number {place}"


def _seconds(told: float) -> float:
    """JSON knows no infinity, Python's reader does."""
    try:
        found = float(told)
    except OverflowError:
        return 0.0
    return found if math.isfinite(found) and found >= 0 else 0.0
