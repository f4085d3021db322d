"""A question without the user's words: tasks, variants, runs and digests get ordinal names, so that nothing made of it can tell them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from harness.answer.compare.compared import Wish
from harness.answer.compare.question import Question, Sides
from harness.answer.side import Side, Who
from harness.core.facts import ModelFacts
from harness.metrics.environment import Environment
from harness.metrics.row import Row, RowDigests
from harness.report.page_redaction import KNOWN_FLAGS

Namer = Callable[[str, str], str]
"""(kind, word) -> `kind-n` for the n-th different word; an empty one stays empty."""


def redacted(question: Question, wish: Wish) -> tuple[Question, Wish]:
    """The same figures; what was alike stays alike, so that a mismatch is found all the same. Agents and models keep their names."""
    name = _names(sorted({run for pair in question.pairs for sides in pair for side in sides for run in side.runs}))
    pairs = tuple((_sides(a, name), _sides(b, name)) for a, b in question.pairs)
    return Question(pairs), msgspec.structs.replace(wish, windows={(name("run", run), model): window for (run, model), window in wish.windows.items()})


def _names(runs: Sequence[str]) -> Namer:
    """Names of `runs` sort as these do: what is taken in the order of the nights stays in it."""
    width = len(str(len(runs)))
    known = {("run", run): f"run-{number:0{width}d}" for number, run in enumerate(runs, 1)}
    counts = {"run": len(runs)}

    def name(kind: str, word: str) -> str:
        if word and (kind, word) not in known:
            counts[kind] = counts.get(kind, 0) + 1
            known[kind, word] = f"{kind}-{counts[kind]}"
        return known[kind, word] if word else ""

    return name


def _sides(sides: Sides, name: Namer) -> Sides:
    return tuple(_side(side, name) for side in sides)


def _side(side: Side, name: Namer) -> Side:
    who = Who(side.who.model, side.who.agent, name("variant", side.who.variant))
    return Side(who, tuple(name("run", run) for run in side.runs), tuple(_row(row, name) for row in side.rows))


def _row(row: Row, name: Namer) -> Row:
    digests = RowDigests(*(name("digest", getattr(row.digests, field)) for field in row.digests.__struct_fields__))
    told = row.environment
    environment = Environment(name("harness", told.harness), told.limits, told.seed, _facts(told.model, name))
    return msgspec.structs.replace(
        row, task=name("task", row.task), variant=name("variant", row.variant), digests=digests, environment=environment, evidence=(), host="",
        flags=tuple(flag for flag in row.flags if flag in KNOWN_FLAGS),
    )  # fmt: skip


def _facts(facts: ModelFacts | None, name: Namer) -> ModelFacts | None:
    """What is told of a server is its kind; its version and address go."""
    if facts is None:
        return None
    return msgspec.structs.replace(facts, digest=name("digest", facts.digest), server="", server_version=name("version", facts.server_version))
