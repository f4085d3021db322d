"""Tool calls of a model by what became of them: whose fault a bad one was, and what was never run."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harness.metrics.row import Calls, Row
from harness.report.summary import ASKS_NONE


class Health(msgspec.Struct, frozen=True):
    """Counts over a model's trials. `calls`: all that reached a tool's border or a parser; `well_formed` of them ran, `failed` of those
    did not succeed. `leaked` (written as prose), `cut` (replies cut by length, never run) and `repaired` stand beside `calls`.
    """

    model: str
    trials: int
    replies: int
    calls: int
    well_formed: int
    failed: int
    malformed_model: int
    malformed_server: int
    malformed_harness: int
    unknown_tool: int
    leaked: int
    cut: int
    repaired: int


def health(rows: Sequence[Row]) -> tuple[Health, ...]:
    """By model; agents that ask none make their calls without one."""
    return tuple(_of(model, [row for row in rows if row.model == model]) for model in sorted({row.model for row in rows} - {ASKS_NONE}))


def _of(model: str, rows: Sequence[Row]) -> Health:
    sums = {name: sum(getattr(row.calls, name) for row in rows) for name in Calls.__struct_fields__}
    ran = sums.pop("ok") + sums["failed"]
    bad = sums["malformed_model"] + sums["malformed_server"] + sums["malformed_harness"] + sums["unknown_tool"]
    return Health(model, len(rows), sum(row.turns for row in rows), ran + bad, ran, **sums)
