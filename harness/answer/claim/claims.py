"""A published figure about a model: what was claimed, of which benchmark, by whom, and what is unknown about how it was made; pure data."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, TypeAlias

import msgspec

UNKNOWN: Final = "unknown"
Count: TypeAlias = int | Literal["unknown"]
"""A number, or that nobody published it; never guessed."""
Sampling: TypeAlias = dict[str, float] | str
"""Parameter -> value as published, or words."""


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`date`: when somebody looked; `how`: whether it was read where its author published it, or in another's words."""

    date: str
    how: Literal["read there", "second hand"]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`date`: of publication, "unknown" where it names none."""

    id: str
    title: str
    url: str
    date: str
    seen: Seen


class Protocol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the figure was made, as far as published; "unknown" is written as that. `window`: tokens, or words."""

    id: str
    agent: str
    grader: str
    user: str
    window: int | str
    sampling: Sampling
    thinking: str
    quantisation: str


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`match`: a regular expression, found anywhere in the name under which users run it, whatever its case."""

    name: str
    match: str

    def runs_as(self, word: str) -> bool:
        """Whether a run's MODEL is this one, as far as a name tells."""
        return re.search(self.match, word, re.IGNORECASE) is not None


class Benchmark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`sources`: the kinds of task source that bring its tasks to this machine, none where no grader here can judge them.

    Its tasks are known by one of `members` (a list of the package), `named` (ids) and `pattern` (a regular expression over the whole id).
    `lacking`: what would be needed to run it, where `sources` is empty.
    """

    id: str
    name: str
    tasks: Count
    sources: tuple[str, ...] = ()
    members: str = ""
    named: tuple[str, ...] = ()
    pattern: str = ""
    lacking: str = ""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A claim as a file holds it: `model`, `benchmark`, `source` and `protocol` name tables.

    `line`: version of the benchmark; `value`: a percentage with the decimals it was published with; `trials`: attempts per task.
    """

    id: str
    model: str
    benchmark: str
    line: str
    domain: str
    metric: Literal["pass@k", "pass^k", "mean of domains"]
    k: int
    value: str
    tasks: Count
    trials: Count
    source: str
    protocol: str
    note: str = ""


class Claim(msgspec.Struct, frozen=True):
    """The same with what it names in place."""

    entry: Entry
    model: Model
    benchmark: Benchmark
    source: Source
    protocol: Protocol

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def share(self) -> float:
        """The figure as a share, 0..1."""
        return float(self.exact)

    @property
    def exact(self) -> Fraction:
        """The same without rounding."""
        return Fraction(Decimal(self.entry.value)) / 100

    @property
    def decimals(self) -> int:
        return len(self.entry.value.partition(".")[2])

    @property
    def counts(self) -> bool:
        """Whether the figure is a number of passed trials over a number of trials, which alone can be counted and tested."""
        return self.entry.metric != "mean of domains" and self.entry.k == 1

    @property
    def words(self) -> str:
        """What was claimed, on one line."""
        told = self.entry.domain in ("all", UNKNOWN) or self.entry.domain in self.benchmark.name
        where = "" if told else f" ({self.entry.domain})"
        of = f" of {self.entry.tasks} tasks" if isinstance(self.entry.tasks, int) else ""
        metric = self.entry.metric if self.entry.metric == "mean of domains" else f"{self.entry.metric[:-1]}{self.entry.k}"
        return f"{self.model.name}: {self.entry.value} % {metric} on {self.benchmark.name}{where}{of}"
