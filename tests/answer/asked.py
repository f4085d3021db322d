"""Questions about two or more models asked of rows made by hand, without a store."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import msgspec

from harness.answer.compare.compared import Wish, answered
from harness.answer.compare.comparison import Answer, Comparison
from harness.answer.compare.question import Known, ask
from harness.answer.side import sides
from harness.core.facts import ModelFacts
from harness.metrics.row import Row
from tests.answer.laid import FACTS, a_night

RUN = "20260101-200000-aaaa"
LOCAL, HOSTED, THIRD = "ollama/qwen3.6:27b", "claude/claude-opus-4-7", "openai/gpt-oss"


def two(a: Mapping[str, str], b: Mapping[str, str], **fields: object) -> tuple[Row, ...]:
    """LOCAL and HOSTED on these tasks; `fields` change every row."""
    return played(LOCAL, a, **fields) + played(HOSTED, b, **fields)


def played(model: str, ends: Mapping[str, str], **fields: object) -> tuple[Row, ...]:
    kind, _, name = model.partition("/")
    facts: ModelFacts = msgspec.structs.replace(FACTS, kind=kind, name=name, digest=f"sha256:{name}")
    return a_night(ends, model=model, facts=facts, **fields)  # type: ignore[arg-type]


def told(rows: Sequence[Row] | Mapping[str, Sequence[Row]], a: str = LOCAL, b: str = HOSTED, wish: Wish = Wish()) -> Answer:  # noqa: B008
    """The answer over one run, or over several by their ids."""
    runs = rows if isinstance(rows, Mapping) else {RUN: rows}
    found = sides((run, row) for run, held in runs.items() for row in held)
    return answered(ask(Known(found, dict.fromkeys(runs, ())), a, b, together=wish.sequential), wish)


def one(rows: Sequence[Row] | Mapping[str, Sequence[Row]], a: str = LOCAL, b: str = HOSTED, wish: Wish = Wish()) -> Comparison:  # noqa: B008
    """Its only comparison."""
    (found,) = told(rows, a, b, wish).comparisons
    return found


def suited(tasks: int, better: int, rest: str = "ppp", strong: str = "ppp", weak: str = "fff") -> tuple[dict[str, str], dict[str, str]]:
    """Two suites that differ in the first `better` tasks: the first fails them all."""
    names = [f"task-{number:03d}" for number in range(tasks)]
    return tuple({name: other if at < better else rest for at, name in enumerate(names)} for other in (weak, strong))  # type: ignore[return-value]


def by_chance(tasks: int, attempts: int, seed: int, rates: tuple[float, float]) -> tuple[dict[str, str], dict[str, str]]:
    """Two suites whose trials pass with these chances where a task is neither trivial nor impossible."""
    drawn = random.Random(seed)
    chances = [drawn.choice((0.0, 1.0, None, None)) for _ in range(tasks)]
    return tuple(  # type: ignore[return-value]
        {
            f"task-{at:03d}": "".join("p" if drawn.random() < (rate if chance is None else chance) else "f" for _ in range(attempts))
            for at, chance in enumerate(chances)
        }
        for rate in rates
    )
