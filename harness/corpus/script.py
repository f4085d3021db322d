"""What a corpus is made of: a script of a worker's turns over a small repository, the server it talks to, and the truth planted in it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from harness.core.memory import Manifest, Slip, Use
from harness.core.task import Limits, Request

Sort: TypeAlias = Literal["fault", "mix", "alike", "clean"]
"""One fault, several, none but something that looks like one, nothing at all."""
Over: TypeAlias = Literal["refuse", "cut_024", "halve_034"]
"""What a server does with more than its window: refuses, or drops the oldest messages, then cuts tokens as Ollama 0.24, or 0.30.11 and later, do."""


class Say(msgspec.Struct, frozen=True):
    """One turn of the worker. `stage`: the request it works on; `items`, `slips`: as in core.memory.Move; `mark`: what the turn is for, in
    the words of its base ("read", "define", "register", "test", "check", "finish" ...), so that a family finds legal places.

    `stop`: "" for the natural one. `malformed`: sentences about calls that could not be read. `output`: tokens told of the answer, None for
    as many as its words have.
    """

    stage: int
    text: str
    calls: tuple[Use, ...] = ()
    mark: str = ""
    items: tuple[str, ...] = ()
    slips: tuple[Slip, ...] = ()
    thinking: str = ""
    stop: Literal["", "refusal", "max_output", "window_full"] = ""
    malformed: tuple[str, ...] = ()
    output: int | None = None


class Server(msgspec.Struct, frozen=True):
    """`window` in tokens, None where unknown. `over`: what happens with more than that. `counts`: False where it tells none at all;
    `silent`: turns from which it leaves out the count. `cached`: it tells what came from its cache. `forgets`: its template leaves out
    earlier reasoning.
    """

    window: int | None = 262_144
    over: Over = "refuse"
    counts: bool = True
    silent: tuple[int, ...] = ()
    cached: bool = False
    forgets: bool = False


class Shown(msgspec.Struct, frozen=True, tag="shown"):
    """Proof: at the end of this turn of the script the file has these words, and lacks those ("" for neither)."""

    place: int
    path: str
    has: str = ""
    lacks: str = ""


class Called(msgspec.Struct, frozen=True, tag="called"):
    """Proof: this turn of the script called that tool, and it went so."""

    place: int
    tool: str
    ok: bool


class Viewed(msgspec.Struct, frozen=True, tag="viewed"):
    """Proof: the words were (not) in what was sent at this turn of the script."""

    place: int
    words: str
    there: bool


class Counted(msgspec.Struct, frozen=True, tag="counted"):
    """Proof: what the server told of this turn's prompt is (not) less than what was sent."""

    place: int
    less: bool


Proof: TypeAlias = Shown | Called | Viewed | Counted


class Truth(msgspec.Struct, frozen=True):
    """A planted fault. `onset`: the turn of the script (from 1) where it begins, `turn`: where it can be told at the earliest.

    `item`: id of an item or milestone, or a path; "" where the kind has none. `visible`: whether the model could see the item then, None
    where there is none. `proofs`: what the record must show of it, checked without any detector.
    """

    kind: str
    item: str
    onset: int
    turn: int
    visible: bool | None = True
    proofs: tuple[Proof, ...] = ()


class Base(msgspec.Struct, frozen=True):
    """A worker who forgets nothing. `files`: of the repository it begins with. `agent`: who asks; `recent`: of coder, how many results are never cleared.

    `summary`: what it writes when it is asked for a summary.
    """

    name: str
    seed: int
    requests: tuple[Request, ...]
    files: tuple[tuple[str, str], ...]
    manifest: Manifest
    says: tuple[Say, ...]
    test_command: str = "sh check.sh"
    agent: Literal["tool_loop", "coder"] = "tool_loop"
    recent: int = 4
    server: Server = Server()
    summary: tuple[str, ...] = ()
    limits: Limits = Limits(turns=400, tokens=4_000_000)


class Case(msgspec.Struct, frozen=True):
    """One run of the corpus. `family`: the module that made it; `allowed`: kinds that are no false alarm here, each with a reason in the family's docstring."""

    name: str
    sort: Sort
    family: str
    seed: int
    base: Base
    truths: tuple[Truth, ...] = ()
    allowed: tuple[str, ...] = ()
