"""Harbor's format, case by case: what a folder must be read as, refused for, or earn when it is run."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.task_repos.conformance_reading import READING, Case
from tests.task_repos.conformance_running import RUNNING
from tests.task_repos.harbor_trials import Ground

AT_ONCE = 4


def named(cases: tuple[Case, ...]) -> list[str]:
    return [f"{case.number} {case.what}" for case in cases]


@pytest.mark.parametrize("case", READING, ids=named(READING))
def test_what_a_folder_says(tmp_path: Path, case: Case) -> None:
    """Each case that reading decides."""
    assert case.found(Ground(tmp_path)) == case.expected


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, base_image: object) -> dict[Case, Future[str]]:
    """All cases that need containers, a few at a time, begun before the first is asked for."""
    pool = ThreadPoolExecutor(AT_ONCE)
    return {case: pool.submit(case.found, Ground(tmp_path_factory.mktemp("case"))) for case in RUNNING}


@pytest.mark.parametrize("case", RUNNING, ids=named(RUNNING))
def test_what_a_run_earns(running: dict[Case, Future[str]], case: Case) -> None:
    """Each case that only a run decides, in real containers."""
    assert running[case].result() == case.expected


def test_every_case_is_there() -> None:
    """The numbers 1 to 63 have a row each."""
    assert {int(case.number.rstrip("b")) for case in (*READING, *RUNNING) if case.number != "-"} == set(range(1, 64))
