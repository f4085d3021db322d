"""An engine that is killed while a trial runs breaks no trial for good, is charged to nobody, and `resume` finishes once one answers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from harness.core.events import TrialBroke
from harness.core.grammar import violations
from harness.metrics.tries import of
from sandboxes.docker_base import BaseImage
from tests.crash.ground import SCRIPT, Done, Ground, begin, call, ended, ground, met
from tests.crash.rounds import Reference, judged, reference, side
from tests.crash.second_engine import PROGRAM, SecondEngine

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(os.geteuid() != 0 or not Path(PROGRAM).exists(), reason="only root may start an engine, and one must be installed"),
]
SLOW = SCRIPT.replace("cat calc.py", "sleep 2; cat calc.py")


@pytest.fixture(scope="module")
def second(engine: docker.DockerClient, base_image: BaseImage) -> Iterator[SecondEngine]:
    """Gone with all its processes and mounts when the module ends."""
    before = interfaces()
    with tempfile.TemporaryDirectory(prefix="lh-") as folder:
        made = SecondEngine(Path(folder))
        try:
            made.start()
            made.take(engine)
            yield made
        finally:
            made.stop()
        assert (made.left(), made.mounts()) == ((), ())
    assert interfaces() >= before  # the machine's own bridge above all


def interfaces() -> set[str]:
    """Of the machine's network, without those that come and go with containers."""
    return {path.name for path in Path("/sys/class/net").iterdir() if not path.name.startswith("veth")}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return ground(tmp_path_factory.mktemp("engine"), script=SLOW)


@pytest.fixture(scope="module")
def whole(place: Ground, second: SecondEngine) -> Reference:
    return reference(place, variables={"DOCKER_HOST": second.url})


def test_a_dead_engine_leaves_trials_pending(place: Ground, whole: Reference, second: SecondEngine) -> None:
    """The try is broken by the sandbox, the run stops by itself and says why, no trial is settled, and `resume` finishes with an engine."""
    home, mine = place.home("dead"), {"DOCKER_HOST": second.url}
    done = killed_in_a_command(place, home, second)
    assert done.code == 1, done.out + done.err
    assert "no new trials, the rest stays pending: " in done.out
    assert "Traceback" not in done.out + done.err
    now = side(home)
    assert [row.outcome for row in now.rows] == ["pending"] * 3
    broke = of(now.traces["t0001"], TrialBroke)
    assert {(each.where, each.will_retry) for each in broke} == {("sandbox", True)}
    assert "no Docker Engine answers" in broke[-1].text
    assert not [fault for trace in now.traces.values() for fault in violations(trace)]
    refused = call(home, "resume", "last", variables=mine)
    assert refused.code == 2, refused.out
    assert len(refused.err.splitlines()) == 1
    second.start()
    again = call(home, "resume", "last", "--json-lines", variables=mine)
    assert judged(home, whole, again.code, again.err, mine) == []


@pytest.mark.long
def test_an_engine_that_comes_back_costs_no_trial(place: Ground, whole: Reference, second: SecondEngine) -> None:
    """Started anew before the next try, it is as if nothing had been: the run ends by itself, equal to an undisturbed one."""
    home, mine = place.home("back"), {"DOCKER_HOST": second.url}
    done = killed_in_a_command(place, home, second, back=True)
    assert judged(home, whole, done.code, done.err, mine) == []
    assert side(home).rows[0].tries == 2


def killed_in_a_command(place: Ground, home: Path, second: SecondEngine, *, back: bool = False) -> Done:
    """The run as it ended after its engine was killed in the first trial's first command."""
    process = begin(home, "run", str(place.plan), "--json-lines", "--parallel", "1", variables={"DOCKER_HOST": second.url})
    try:
        assert met(process, home, "ToolCalled")
        second.kill()
        if back:
            second.start()
        return ended(home, process, "run")
    finally:
        process.kill()
