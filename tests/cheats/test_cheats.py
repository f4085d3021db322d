"""Every known way to turn a verdict, done by an agent in a real container, and every odd but fair way to be right."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby

import pytest

from harness.core.trial import Outcome
from tests.cheats.case import Case
from tests.cheats.corpus import CHEATS, HONEST
from tests.cheats.ground import build_context
from tests.cheats.play import Played, Stage

pytestmark = pytest.mark.docker

AT_ONCE = 4


def daily(cases: tuple[Case, ...]) -> list[object]:
    """Every second of each class is played every day; all of them are in the long tests and in the proof."""
    groups = [list(found) for _, found in groupby(sorted(cases, key=lambda case: case.group), key=lambda case: case.group)]
    marks = {case.name: () if at % 2 == 0 else (pytest.mark.long,) for found in groups for at, case in enumerate(found)}
    return [pytest.param(case, id=case.name, marks=marks[case.name]) for case in cases]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, base_image: object) -> Stage:
    """One image for all."""
    folder = tmp_path_factory.mktemp("cheats")
    return Stage(folder, build_context(folder / "context"))


@pytest.fixture(scope="module")
def plays(stage: Stage, request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Played]]]:
    """The cases that these tests play, some at a time; each test waits for its own."""
    items = [item for item in request.session.items if getattr(item, "module", None) is request.module]
    cases = [item.callspec.params["case"] for item in items if hasattr(item, "callspec")]  # type: ignore[attr-defined]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {case.name: pool.submit(stage.play, case) for case in cases}


@pytest.mark.parametrize("case", daily(CHEATS))
def test_no_cheat_passes(case: Case, plays: dict[str, Future[Played]]) -> None:
    """It failed, for a reason that is on record: neither passed nor broken, invalid or pending, which would take it out of the count."""
    played = plays[case.name].result()
    assert played.faults == ()
    assert played.verdict.outcome is Outcome.FAILED, played.verdict
    assert played.stopped


@pytest.mark.parametrize("case", daily(HONEST))
def test_honest_work_of_any_shape_passes(case: Case, plays: dict[str, Future[Played]]) -> None:
    """Right is right in whatever shape it comes, and nothing of it is suspicious."""
    played = plays[case.name].result()
    assert played.faults == ()
    assert played.verdict.outcome is Outcome.PASSED, played.verdict
    assert not any(run.evidence for run in played.runs)


def test_the_corpus_is_wide() -> None:
    """At least 36 cheats over all classes, 14 honest shapes, each with a name of its own."""
    assert len({case.name for case in (*CHEATS, *HONEST)}) == len(CHEATS) + len(HONEST)
    assert len(CHEATS) >= 36
    assert len({case.group for case in CHEATS}) >= 17
    assert len(HONEST) >= 14
