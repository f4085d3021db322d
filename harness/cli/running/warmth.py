"""What all workers of a run need to have imported before they are forked: each module is then in memory once."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from contextlib import suppress

from harness.core.errors import HarnessError
from harness.core.task import Official, TaskSpec
from harness.plan import Plan
from harness.wiring.names import creator
from harness.wiring.shop import agent

LATER = ("sandboxes.docker_engine", "sandboxes.docker_images", "encodings.idna", "encodings.unicode_escape", "docker.api.client")
"""Imported by what is only called once a trial runs."""


def warm(plan: Plan, tasks: Iterable[TaskSpec]) -> None:
    """Import, and nothing else: no connection is made, for it would be shared.

    Only modules of this distribution: somebody's own may start a thread or open a file when imported, which no fork outlives, so workers
    import those themselves. What can't be imported is theirs to complain of, too.
    """
    named = [("sandboxes", str(plan.sandbox.get("use", "docker"))), *(("models", entry.use.partition("/")[0]) for entry in plan.models)]
    named += [("agents", entry.use) for entry in plan.agents]
    named += [("sources", task.check.grader) for task in tasks if isinstance(task.check, Official)]
    with suppress(HarnessError):
        named += [("tools", name) for entry in plan.agents if "." not in entry.use for name in agent(entry).tools()]
    for room, name in dict.fromkeys(named):
        if "." not in name:
            with suppress(HarnessError):
                creator(room, name, "")
    for module in LATER:
        importlib.import_module(module)
