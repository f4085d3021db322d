"""One side of a question: the trials of one model under one agent and variant, what they were run with, and how each task went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from harness.core.facts import ModelFacts, Window
from harness.metrics.row import Row
from harness.metrics.statistics.tally import Tally
from harness.report.cells import DOUBTFUL

Case = Literal["seen", "best", "worst"]
"""How doubtful trials count. `seen`: as judged, broken ones not at all; `best`: broken, disputed and suspicious passed; `worst`: they failed."""


class Who(msgspec.Struct, frozen=True, order=True):
    """As a cell of a report: a model under an agent and a variant ("" as usual)."""

    model: str
    agent: str
    variant: str = ""


class Identity(msgspec.Struct, frozen=True):
    """What a side was run with: each a sorted tuple of the words found, one where all trials agree.

    `model`: digests of weights or hosted names; `server`: kind and version; `window`: tokens granted; `asked`: tokens asked for, "" for none;
    `sampling`: JSON text; `tasks`: task -> digests; `limits`: task -> the trial's limits as JSON text, without the money that was left of the run.
    """

    model: tuple[str, ...]
    server: tuple[str, ...]
    quantisation: tuple[str, ...]
    window: tuple[int, ...]
    asked: tuple[str, ...]
    thinking: tuple[str, ...]
    sampling: tuple[str, ...]
    prompts: tuple[str, ...]
    tools: tuple[str, ...]
    harness: tuple[str, ...]
    tasks: dict[str, tuple[str, ...]]
    limits: dict[str, tuple[str, ...]]


class Side(msgspec.Struct, frozen=True):
    """`rows`: every planned trial in plan order; drafts are among them and have no say in a rate. `runs`: where they come from.

    `called`: what the user calls each of these runs, () where that is not known.
    """

    who: Who
    runs: tuple[str, ...]
    rows: tuple[Row, ...]
    called: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        """Of the trials that began."""
        return identity(self.rows)

    def tallies(self, case: Case = "seen") -> dict[str, Tally]:
        """Task -> passed of decided, in the order of the plan, for the tasks that have a trial to count."""
        return tallies(self.rows, case)

    @property
    def broken(self) -> float:
        """Share of broken trials among those that ended, 0..1."""
        ended = [row.outcome for row in self.rows if row.outcome in ENDED]
        return ended.count("broken") / len(ended) if ended else 0.0


ENDED = ("passed", "failed", "broken")


def sides(rows: Iterable[tuple[str, Row]]) -> tuple[Side, ...]:
    """(run, row) pairs as sides, in the order of their names. A run's trials of one model, agent and variant are one side."""
    found: dict[tuple[str, Who], list[Row]] = {}
    for run, row in rows:
        found.setdefault((run, who(row)), []).append(row)
    return tuple(Side(name, (run,), tuple(held)) for (run, name), held in sorted(found.items(), key=lambda item: (item[0][1], item[0][0])))


def who(row: Row) -> Who:
    return Who(row.model, row.agent, row.variant)


def pooled(parts: Sequence[Side]) -> Side:
    """Sides of several runs as one. Raises ValueError for none, or for more than one `Who`."""
    (name,) = {each.who for each in parts}
    return Side(name, tuple(run for each in parts for run in each.runs), tuple(row for each in parts for row in each.rows), tuple(word for each in parts for word in each.called))


def tallies(rows: Iterable[Row], case: Case = "seen") -> dict[str, Tally]:
    """As `Side.tallies`."""
    found: dict[str, list[bool]] = {}
    for row in rows:
        end = None if row.outside else ended(row, case)
        if end is not None:
            found.setdefault(row.task, []).append(end)
    return {task: Tally(sum(ends), len(ends)) for task, ends in found.items()}


def ended(row: Row, case: Case) -> bool | None:
    """Whether the trial counts as passed; None where it does not count."""
    if case != "seen" and doubtful(row):
        return case == "best"
    return row.outcome == "passed" if row.outcome in ("passed", "failed") else None


def doubtful(row: Row) -> bool:
    """Broken, disputed or suspicious: its end says little of the model."""
    return row.outcome == "broken" or row.reason in DOUBTFUL


def identity(rows: Sequence[Row]) -> Identity:
    """As `Side.identity`."""
    begun = [row for row in rows if row.environment.harness]
    facts = [row.environment.model for row in begun if row.environment.model is not None]
    return Identity(
        _words(each.digest or each.name for each in facts), _words(f"{each.kind} {each.server_version}".strip() for each in facts),
        _words(each.quantisation for each in facts), _windows(row.window for row in begun),
        tuple(sorted({str(row.window.asked or "") for row in begun})), _words(row.thinking for row in begun), _words(map(_sampling, facts)),
        _words(row.digests.prompt for row in begun), _words(row.digests.tools for row in begun), _words(row.environment.harness for row in begun),
        _by_task((row.task, row.digests.task) for row in begun), _by_task((row.task, _limits(row.environment.limits)) for row in begun),
    )  # fmt: skip


def _words(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({word for word in words if word}))


def _windows(windows: Iterable[Window]) -> tuple[int, ...]:
    return tuple(sorted({window.granted for window in windows if window.granted}))


def _by_task(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for task, word in pairs:
        found.setdefault(task, set()).add(word)
    return {task: tuple(sorted(words)) for task, words in found.items()}


def _sampling(facts: ModelFacts) -> str:
    return msgspec.json.encode(facts.sampling, order="sorted").decode()


def _limits(text: str) -> str:
    """The money left of a run differs from trial to trial and says nothing of what was allowed."""
    held: Mapping[str, object] = msgspec.json.decode(text, type=dict[str, object]) if text else {}
    return msgspec.json.encode({name: value for name, value in held.items() if name != "cost_usd"}, order="sorted").decode()
