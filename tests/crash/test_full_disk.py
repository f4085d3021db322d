"""A disk that fills up in the middle of a run: a sentence, everything settled kept, and `resume` once there is room."""

from __future__ import annotations

import os

import pytest

from sandboxes.docker_base import BaseImage
from tests.crash.ground import Ground, begin, call, ended, ground, met
from tests.crash.rounds import Reference, containers, judged, left, records, reference, unchanged
from tests.crash.small_disk import fill, make_space, small_disk

pytestmark = [pytest.mark.docker, pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, base_image: BaseImage) -> Ground:
    return ground(tmp_path_factory.mktemp("full"))


@pytest.fixture(scope="module")
def whole(place: Ground) -> Reference:
    return reference(place)


@pytest.mark.parametrize(("word", "settled"), [("ToolCalled", 0), ("Settled", 1)])
def test_a_run_survives_a_full_disk(word: str, settled: int, place: Ground, whole: Reference) -> None:
    """Full at the first such word of a trial: the run stops with one sentence and exit code 1, keeps what was settled, and resumes to the undisturbed run."""
    home = place.home(f"full-at-{word}")
    with small_disk(home):
        process = begin(home, "run", str(place.plan), "--parallel", "1", "--json-lines")
        try:
            assert met(process, home, word)
            fill(home)
            done = ended(home, process, "run")
        finally:
            process.kill()
        assert done.code == 1, done.out + done.err
        assert done.out.count("the disk is full") == 1
        assert "Traceback" not in done.out + done.err
        before = left(home)
        assert len({word[0] for word in before.kept}) == settled
        assert not containers(records(home)[-1].parent.name)
        make_space(home)
        again = call(home, "resume", before.run, "--json-lines")
        assert judged(home, whole, again.code, again.err) == []
        assert unchanged(home, before) == []


def test_a_disk_full_from_the_start_begins_no_run(place: Ground) -> None:
    """One sentence, exit code 2, and no run that never was."""
    home = place.home("no-room")
    with small_disk(home):
        fill(home)
        done = call(home, "run", str(place.plan), "--quiet")
        assert done.code == 2, done.out + done.err
        assert len(done.err.splitlines()) == 1
        assert records(home) == ()
        make_space(home)
        assert call(home, "run", str(place.plan), "--quiet").code == 0
