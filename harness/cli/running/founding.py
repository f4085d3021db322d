"""A new run's record: its planned trials, its plan, its tasks, and what was found of models, images and agents when it began."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping

import msgspec

from harness.cli.preparing.prelude import Ready
from harness.cli.record.runs import remember
from harness.core.errors import PlanError, StoreError
from harness.core.trial import TrialKey
from harness.plan import keys, storable
from harness.settings import Settings
from harness.store.sqlite import RunStore, create
from harness.wiring.digests import of_harness


def found(
    ready: Ready, settings: Settings, name: str, *,
    skip: Callable[[TrialKey], bool] = lambda _key: False, facts: Mapping[str, str] | None = None,
) -> RunStore:  # fmt: skip
    """The store of a new run. `skip`: trials that are not planned at all; `facts` as for `founded`. Raises PlanError where it can't be written."""
    run, ids = new_id(), tuple(task.id for task in ready.tasks)
    every = keys(run, ready.plan.attempts, ids, ready.combinations, ready.plan.fresh, ready.plan.counted)
    return founded(ready, settings, name, tuple(key for key in every if not skip(key)), facts)


def founded(ready: Ready, settings: Settings, name: str, planned: tuple[TrialKey, ...], facts: Mapping[str, str] | None = None) -> RunStore:
    """The store of a new run with just these trials, which name it; `facts` are kept with its own from the first moment. Raises PlanError."""
    plan, run = ready.plan, planned[0].run if planned else new_id()
    meta = {
        "run": run, "name": name or plan.name, "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "plan": msgspec.json.encode(plan).decode(), "harness": of_harness(), "host": settings.host,
        "pins": msgspec.json.encode(ready.pins).decode(), **(facts or {}),
    }
    try:
        store = create(settings.home / "runs" / run, planned, meta)
        remember(store, ready.tasks)
    except StoreError as fault:
        raise PlanError(str(settings.home), "LONGHAUL_HOME", str(fault), "a folder that can be written") from fault
    return store


def nameable(name: str) -> str:
    """The name, where a record can hold it; asked before anything is made ready. Raises PlanError."""
    if not storable(name):
        raise PlanError("", "--run", repr(name), "a name in UTF-8")
    return name


def new_id() -> str:
    """A run's id: when it began, and four hex digits against two in one second."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
