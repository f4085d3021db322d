"""A fork that was killed before its past was copied never runs from the beginning under a fork's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.synthetic import RUN, Scale, lay
from harness.core.errors import StoreError
from harness.store.sqlite import RunStore
from harness.wiring.forking import FORK, UNBORN, fork_of

Inside = Callable[..., tuple[int, str, str]]


@pytest.fixture
def unborn(tmp_path: Path) -> Path:
    """What such a fork leaves: a run with its plan, and no past."""
    folder = lay(tmp_path / "home", Scale(1, 1, 3))
    store = RunStore(folder)
    store.keep(FORK, UNBORN)
    store.close()
    return folder


def test_a_fork_without_its_past_is_not_resumed(unborn: Path, inside: Inside) -> None:
    """One sentence that says what to do; nothing is written."""
    before = (unborn / "run.sqlite").read_bytes()
    code, out, err = inside("resume", RUN)
    assert (code, out) == (2, "")
    assert "ended before its past was copied" in err
    assert (unborn / "run.sqlite").read_bytes() == before


def test_no_worker_begins_it(unborn: Path) -> None:
    """Whoever asks where its trials begin is told that nobody knows."""
    store = RunStore(unborn)
    with pytest.raises(StoreError, match="fork again"):
        fork_of(store, next(iter(store.keys().values())))
    store.close()
