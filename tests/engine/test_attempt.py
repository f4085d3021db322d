"""Edges of one try: what can't be taken out, and what is on record of agents that ask nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import pytest

from agents.idle import create as idle
from harness.core.errors import WorkspaceTooLargeError
from harness.core.events import PartAdded, RequestGiven
from harness.core.ports import Order, Sandbox
from harness.metrics.tries import of
from harness.metrics.verdict import judge
from sandboxes.host import create as host
from tests.engine.doubles import Stage, job, stage
from tests.engine.test_trial import ran


@pytest.fixture
def here(tmp_path: Path) -> Stage:
    return stage(tmp_path)


def test_a_workspace_too_large_to_take_is_no_fault_of_the_world(here: Stage, tmp_path: Path) -> None:
    """An agent can't leave the denominator by filling the disk: its work counts as one that can't be applied."""

    class Stuffed:
        @contextmanager
        def open(self, order: Order) -> Iterator[Sandbox]:
            with host().open(order) as sandbox:
                if dict(order.labels).get("purpose") == "agent":
                    sandbox.harvest = too_large  # type: ignore[method-assign]
                yield sandbox

    def too_large(path: PurePosixPath) -> bytes:
        raise WorkspaceTooLargeError("the workspace holds 9999 MiB")

    trace = ran(here, here.world(idle(), sandboxes=Stuffed()), job(tmp_path))
    verdict = judge(job(tmp_path).task.check, trace)
    assert (verdict.outcome, verdict.reason) == ("failed", "unapplied")
    assert "9999 MiB" in verdict.evidence[0]


def test_an_agent_without_a_model_has_its_words_on_record(here: Stage, tmp_path: Path) -> None:
    """RequestGiven names a message; its words can be found, whoever was asked."""
    trace = ran(here, here.world(idle()), job(tmp_path, "do this"))
    words = {part.id: part.content.text for part in of(trace, PartAdded)}
    (given,) = of(trace, RequestGiven)
    assert words[f"{given.message}.1"] == "do this"
