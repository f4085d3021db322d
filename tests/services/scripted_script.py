"""What a scripted model does: its turns in order, told apart by how many tool results it has seen, and its last word."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, get_args

from tests.services.scripted_vocabulary import (
    CALL_END,
    CALL_START,
    THINK_END,
    THINK_START,
    TURN_END,
    cut_pieces,
)

Behaviour = Literal[
    "agent", "solver", "loop", "empty", "runaway", "repeat", "thinkonly", "parallel", "badjson", "unclosed"
]
BEHAVIOURS: tuple[Behaviour, ...] = get_args(Behaviour)
ENDLESS: frozenset[Behaviour] = frozenset({"loop", "empty", "runaway", "repeat", "thinkonly"})
THOUGHT = "I should look at the files first."


@dataclass(frozen=True)
class Call:
    """One tool call: the tool's name and its arguments as a JSON object."""

    name: str = "shell"
    arguments: tuple[tuple[str, str | int], ...] = (("command", "ls -la"), ("seconds", 10))

    def text(self) -> str:
        return json.dumps({"name": self.name, "arguments": dict(self.arguments)})


@dataclass(frozen=True)
class Wanted:
    """A scripted model as a test orders it.

    `calls` are made one a turn by `solver`; the other behaviours use the first. When every call has its result, the
    model says `kept` if the single token `rule` is anywhere in its context, else `lost`.
    """

    behaviour: Behaviour = "agent"
    calls: tuple[Call, ...] = (Call(),)
    kept: str = "DONE rule-kept"
    lost: str = "DONE rule-lost"
    rule: str = "<|rule|>"


@dataclass(frozen=True)
class Turn:
    """Pieces said one after the other once `results` tool results are in the context; a cycle never ends."""

    results: int
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Script:
    """The turns, fewest results first, and the two endings; an endless script has none and begins anew each time."""

    turns: tuple[Turn, ...]
    kept: Turn | None
    lost: Turn | None

    def words(self) -> list[str]:
        """Every piece the model can say."""
        endings = [turn for turn in (self.kept, self.lost) if turn]
        return [piece for turn in (*self.turns, *endings) for piece in turn.pieces]


def call(name: str = "shell", **arguments: str | int) -> Call:
    """A tool call, spelled as one."""
    return Call(name, tuple(arguments.items()))


def write_script(wanted: Wanted) -> Script:
    """The script of an order; raises ValueError for texts that can't be told apart."""
    taken: set[str] = set()
    texts = opening_texts(wanted)
    turns = tuple(Turn(results, cut_turn(text, wanted, taken)) for results, text in texts)
    if wanted.behaviour in ENDLESS:
        return Script(turns, None, None)
    results = texts[-1][0] + (2 if wanted.behaviour == "parallel" else 1)
    kept, lost = (Turn(results, (*cut_pieces(text, taken), TURN_END)) for text in (wanted.kept, wanted.lost))
    return Script(turns, kept, lost)


def opening_texts(wanted: Wanted) -> list[tuple[int, str]]:
    """What is said with so many results in sight, before the end."""
    first = wanted.calls[0]
    whole = f"{CALL_START}{first.text()}{CALL_END}"
    match wanted.behaviour:
        case "solver":
            return [(done, f"{CALL_START}{each.text()}{CALL_END}") for done, each in enumerate(wanted.calls)]
        case "agent" | "loop":
            return [(0, whole)]
        case "parallel":
            return [(0, whole + whole)]
        case "badjson":
            return [(0, f'{CALL_START}{{"name": "{first.name}", "arguments": {{"command": {CALL_END}')]
        case "unclosed":
            return [(0, f"{CALL_START}{first.text()}")]
        case "thinkonly":
            return [(0, f"{THINK_START}{THOUGHT}{THINK_END}")]
        case "empty":
            return [(0, "")]
        case "runaway" | "repeat":
            return [(0, "again ")]


def cut_turn(text: str, wanted: Wanted, taken: set[str]) -> tuple[str, ...]:
    """The pieces of one turn: a text and its end, or a cycle of one or two words."""
    match wanted.behaviour:
        case "runaway":  # two words, because servers watch for one token said for ever
            return (text, "and ", text)
        case "repeat":
            return (text, text)
        case _:
            return (*cut_pieces(text, taken), TURN_END)
