"""What a probe's run came to by now, read from its record."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from harness.answer.probe.attribution import Result, result
from harness.answer.probe.rolls import rolls
from harness.answer.probe.undone import undone
from harness.cli.record.runs import Held
from harness.core.errors import PlanError
from harness.wiring.forking import FORK, UNBORN
from harness.wiring.replays import probe_of

SCHEMA = "longhaul.probe/1"


def probed(opened: Held) -> Result:
    """Raises PlanError for a run that replays nothing, StoreError."""
    if opened.store.meta(FORK) == UNBORN:
        raise PlanError("", "RUN", f"{opened.store.meta('run')}, which was ended before its past was copied and can't go on", "the run of a probe; begin it again with `longhaul probe RUN`")
    probe = probe_of(opened.store)
    if probe is None:
        raise PlanError("", "RUN", f"{opened.store.meta('run')}, which replays nothing", "the run of a probe; `longhaul probe RUN` makes one")
    trials = ((key, opened.store.trace(key)) for key in opened.store.keys().values())
    return result(opened.store.meta("run"), probe, rolls(probe, trials))


def document(told: Result) -> bytes:
    """As JSON, every figure finite: an open bound of an interval is null. `not_done`: each place with the reason why nothing is told of it."""
    body = _finite(msgspec.to_builtins(told)) | {"not_done": msgspec.to_builtins(undone(told))}
    return msgspec.json.format(msgspec.json.encode({"schema": SCHEMA, **body}), indent=2)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
