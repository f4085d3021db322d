"""Which sides a question is about: words of a user, or what is there, to pairs of sides of which each is one section of the answer."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

import msgspec

from harness.answer.side import Side, Who, pooled
from harness.core.errors import PlanError
from harness.report.summary import ASKS_NONE, counted

Sides: TypeAlias = tuple[Side, ...]
"""One side in each of its runs."""
NEAR = 5
LATEST = ("last",)
"""Words for a run that mean another one tomorrow."""
"""Names in a complaint."""


class Question(msgspec.Struct, frozen=True):
    """`pairs`: A and B of each section, each the side in one run or in several; `told`: what was left out, in sentences."""

    pairs: tuple[tuple[Sides, Sides], ...]
    told: tuple[str, ...] = ()


class Known(msgspec.Struct, frozen=True):
    """`sides`: one for each run, model, agent and variant; `runs`: a run's id -> the words that name it beside its beginning."""

    sides: tuple[Side, ...]
    runs: Mapping[str, tuple[str, ...]]


def ask(known: Known, a: str, b: str, *, together: bool = False) -> Question:
    """`a`, `b`: SIDE or "" for what is there. `together`: a pair's runs as one section, for a method that looks at all nights at once.

    Raises PlanError for a word that names no side or several, for one side only, and for runs that can't be taken as one.
    """
    known = _named(known)
    usual, told = _usual(known.sides)
    first = resolved(known, a, "-a") if a else ()
    second = resolved(known, b, "-b") if b else ()
    if {*map(_place, first)} & {*map(_place, second)}:
        raise PlanError("", "-b", f"the side that -a names, {names(first[0].who)}", "another side, or each with its @RUN")
    if first and second:
        return _sections([(first, second)], together=together)
    if first or second:
        return _sections(_against(usual, first, second), told, together=together)
    return _sections(_all_pairs(usual), told, together=together)


def _named(known: Known) -> Known:
    """With the name that each run was given, where it is that of no other run here: nobody tells two ids apart that differ in the middle."""
    ids = {run for side in known.sides for run in side.runs}
    words = {run: next((word for word in reversed(known.runs.get(run, ())) if word and word not in LATEST), run) for run in ids}
    often = Counter(words.values())
    own = {run: word if often[word] == 1 else run for run, word in words.items()}
    made = tuple(msgspec.structs.replace(side, called=tuple(own[run] for run in side.runs)) for side in known.sides)
    return Known(made, known.runs)


def _usual(sides: Sequence[Side]) -> tuple[tuple[Side, ...], tuple[str, ...]]:
    """Sides that ask a model; where some are as usual, variants are left to whoever names them."""
    asking = tuple(side for side in sides if side.who.model != ASKS_NONE)
    plain = tuple(side for side in asking if not side.who.variant)
    if not plain or len(plain) == len(asking):
        return asking, ()
    left = dict.fromkeys(names(side.who) for side in asking if side.who.variant)
    return plain, (f"left out because nothing named them: {', '.join(left)}",)


def _all_pairs(usual: Sides) -> list[tuple[Sides, Sides]]:
    """Of one model in several runs its runs are the sides."""
    by_who = _by_who(usual)
    held = list(by_who.values()) if len(by_who) > 1 else [(side,) for side in usual]
    if len(held) < 2:
        found = names(usual[0].who) if usual else "no side that asks a model"
        raise PlanError("", "RUN", f"{found}{' alone' if usual else ''}", "two sides to compare: a run of two models, or a further RUN")
    return list(combinations(held, 2))


def _against(usual: Sides, first: Sides, second: Sides) -> list[tuple[Sides, Sides]]:
    """One side that was named against every other."""
    named = {*map(_place, first or second)}
    others = _by_who(tuple(side for side in usual if _place(side) not in named)).values()
    if not others:
        raise PlanError("", "-b" if first else "-a", "no other side", "a run that holds one, or its name")
    return [(first or held, second or held) for held in others]


def _by_who(sides: Sides) -> dict[Who, Sides]:
    found: dict[Who, list[Side]] = {}
    for side in sides:
        found.setdefault(side.who, []).append(side)
    return {who: tuple(held) for who, held in found.items()}


def _sections(pairs: Sequence[tuple[Sides, Sides]], told: tuple[str, ...] = (), *, together: bool) -> Question:
    made = [section for a, b in pairs for section in _of_pair(a, b, together=together)]
    for held in (held for section in made for held in section):
        _as_one(held)
    return Question(tuple(made), (*told, *_unmatched(pairs, made)))


def _unmatched(pairs: Sequence[tuple[Sides, Sides]], made: Sequence[tuple[Sides, Sides]]) -> Iterator[str]:
    """Where some runs hold both sides, those that hold one of them say nothing of the two."""
    used = {_place(side) for section in made for held in section for side in held}
    left = dict.fromkeys(f"{names(side.who)}@{' '.join(side.called)}" for pair in pairs for held in pair for side in held if _place(side) not in used)
    if left:
        yield f"left out because other runs hold both sides: {', '.join(left)}"


def _of_pair(a: Sides, b: Sides, *, together: bool) -> list[tuple[Sides, Sides]]:
    """A section for each run that holds both; one across runs where none does."""
    shared = [(one, other) for one in a for other in b if one.runs == other.runs]
    if shared and together:
        return [(tuple(one for one, _ in shared), tuple(other for _, other in shared))]
    return [((one,), (other,)) for one, other in shared] or [(a, b)]


def _place(side: Side) -> tuple[Who, tuple[str, ...]]:
    return side.who, side.runs


def _as_one(sides: Sides) -> None:
    """Raises PlanError where the same name stood for other weights, or had another window, in another run."""
    if len(sides) < 2:
        return
    held = pooled(sides)
    for what, words in (("weights", held.identity.model), ("windows", held.identity.window)):
        if len(words) > 1:
            raise PlanError("", "SIDE", f"{names(held.who)} with several {what} in {', '.join(held.runs)}", f"one of them: {names(held.who)}@RUN")


def resolved(known: Known, word: str, option: str) -> Sides:
    """The sides that a word names: one model under one agent and variant, in one run or in several. Raises PlanError."""
    found = tuple(side for side in known.sides if word in _spellings(side, known.runs)) or _in_a_run(known, word)
    whos = _by_who(found)
    if len(whos) == 1:
        return found
    if whos:
        raise PlanError("", option, f"{word!r}, which {counted(len(whos), 'side')} bear", f"one of {', '.join(names(who, full=True) for who in whos)}")
    there = list(dict.fromkeys(spelling for side in known.sides for spelling in (names(side.who), names(side.who, full=True))))
    near = difflib.get_close_matches(word, there, NEAR) or [*dict.fromkeys(names(side.who) for side in known.sides)][:NEAR]
    raise PlanError("", option, repr(word), f"a side that is there: {', '.join(near)}")


def _in_a_run(known: Known, word: str) -> Sides:
    """SIDE@BEGINNING of a run's id."""
    head, _, tail = word.rpartition("@")
    runs = [run for run in known.runs if tail and run.startswith(tail)]
    return tuple(side for side in known.sides if len(runs) == 1 and side.runs == (runs[0],) and head in _bare(side.who))


def _spellings(side: Side, runs: Mapping[str, tuple[str, ...]]) -> set[str]:
    bare = _bare(side.who)
    return {*bare, *(f"{word}@{run}" for word in bare for run in (*side.runs, *(name for each in side.runs for name in runs.get(each, ()))))}


def _bare(who: Who) -> set[str]:
    return {names(who), names(who, full=True)}


def names(who: Who, *, full: bool = False) -> str:
    """As a user types it: MODEL or AGENT:MODEL, an agent alone that asks none, and ~VARIANT where it has one."""
    word = who.agent if who.model == ASKS_NONE else f"{who.agent}:{who.model}" if full else who.model
    return f"{word}~{who.variant}" if who.variant else word
