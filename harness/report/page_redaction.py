"""Rows and trials with numbers only: tasks, variants, digests and machines get ordinal names, words go."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harness.core.chat import Sampling
from harness.core.facts import ModelFacts
from harness.core.trial import Parent
from harness.metrics.environment import Environment, Machine
from harness.metrics.row import Row, RowDigests
from harness.report.cautions import FLAGS, UNSPOKEN
from harness.report.detail import Try, Turn
from harness.report.overview import About

KNOWN_FLAGS = frozenset((*FLAGS, *UNSPOKEN))
"""Flags are words of ours; any other might hold a task's."""


class _Names:
    """The n-th different word is called `kind-n`; an empty one stays empty."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._known: dict[str, str] = {}

    def __call__(self, word: str) -> str:
        return self._known.setdefault(word, f"{self._kind}-{len(self._known) + 1}") if word else ""


def redacted_about(about: About) -> About:
    """When it was, nothing else."""
    return About("", "", about.created, about.finished)


def redacted_rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The same figures; what was alike stays alike, so that every caution still stands. Agents and models keep their names."""
    names = {kind: _Names(kind) for kind in ("task", "variant", "digest", "harness")}
    return tuple(_redacted(row, names) for row in rows)


def _redacted(row: Row, names: dict[str, _Names]) -> Row:
    digest = names["digest"]
    digests = RowDigests("", "", digest(row.digests.prompt), digest(row.digests.tools), digest(row.digests.model))
    return msgspec.structs.replace(
        row, task=names["task"](row.task), variant=names["variant"](row.variant), flags=tuple(flag for flag in row.flags if flag in KNOWN_FLAGS),
        evidence=(), items=tuple((f"item-{index}", got) for index, (_, got) in enumerate(row.items, 1)), task_created="", task_source="",
        languages=(), host="", digests=digests, parent=_parent(row.parent), environment=_environment(row.environment, names["harness"]),
    )  # fmt: skip


def _parent(parent: Parent | None) -> Parent | None:
    return None if parent is None else Parent("", "", parent.number, parent.turn, "")


def _environment(told: Environment, harness: _Names) -> Environment:
    machine = told.machine
    bare = Machine("", "", "", machine.confinement, machine.cpus, machine.memory, machine.pids)
    return Environment(harness(told.harness), told.limits, told.seed, _facts(told.model), bare)


def _facts(facts: ModelFacts | None) -> ModelFacts | None:
    if facts is None:
        return None
    sampling = msgspec.structs.replace(facts.sampling, origin="") if facts.sampling else Sampling()
    return ModelFacts(
        facts.kind, facts.name, window=facts.window, thinking=facts.thinking, sampling=sampling, max_output=facts.max_output,
        on_gpu=facts.on_gpu, remote=facts.remote, concurrency=facts.concurrency, price=facts.price,
    )  # fmt: skip


def redacted_try(told: Try) -> Try:
    """Times, tokens and windows of each turn."""
    turns = tuple(
        Turn(turn.number, turn.at, turn.seconds, turn.tokens_in, turn.tokens_cached, turn.tokens_out, turn.window, turn.stop) for turn in told.turns
    )
    return Try(told.number, told.began, parent=_parent(told.parent), lanes=told.lanes, turns=turns)
