"""Old runs go by a policy that is said first; what somebody needs stays, and no half run is ever left."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import docker
import msgspec
import pytest

from harness.cli.answers import removal
from harness.cli.answers.retention import Policy, Run, reasons
from harness.cli.running.driving import driving
from harness.core.blob import Blob
from harness.core.errors import PlanError
from harness.core.lived import OutsideKept
from harness.core.trial import Parent
from harness.engine.fork import Fork
from tests.nightly.laid import laid

Inside = Callable[..., tuple[int, str, str]]
NEW = "20260601-200000-ffff"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Five old runs and a new one."""
    for number in range(5):
        laid(tmp_path / "home", f"2026010{number + 1}-200000-aaaa", name=f"night-{number + 1}")
    laid(tmp_path / "home", NEW, name="tonight", days=0)
    return tmp_path / "home"


def there(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "runs").iterdir())


def test_the_newest_stay(home: Path, inside: Inside) -> None:
    """The policy, what goes and its size are said before, what was freed after; the rest stays as it was."""
    code, out, err = inside("prune", "--keep", "2")
    assert (code, err) == (0, "")
    assert there(home) == ["20260105-200000-aaaa", NEW]
    assert out.startswith("these stay: the newest 2 runs, what is not finished and changed within 14 days")
    assert "4 runs of 6 to remove" in out
    assert "4 runs removed" in out
    assert not (home / "pruned").exists()


def test_a_dry_run_changes_nothing(home: Path, inside: Inside) -> None:
    """It says what would go, as JSON too, and leaves every byte."""
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert "4 runs of 6 would go" in inside("prune", "--keep", "2", "--dry-run")[1]
    told = json.loads(inside("prune", "--keep", "2", "--dry-run", "--json")[1])
    assert told["schema"] == "longhaul.prune/1"
    assert [row["run"] for row in told["runs"] if row["goes"]] == [f"2026010{number}-200000-aaaa" for number in range(1, 5)]
    assert (told["removed"], told["freed_bytes"], told["dry_run"]) == ([], 0, True)
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_what_is_needed_stays(home: Path, inside: Inside) -> None:
    """A baseline's run, one that is driven, a damaged one, one that is spared by name, and a young unfinished one: each stays and is said."""
    (home / "baselines").mkdir()
    (home / "baselines" / "x.json").write_text(json.dumps({"runs": ["20260101-200000-aaaa"], "path": str(home / "nightly.json")}))
    (home / "runs" / "20260103-200000-aaaa" / "run.sqlite").write_bytes(b"no record")
    laid(home, "20260106-200000-aaaa", done=False, days=3)
    laid(home, "20260107-200000-aaaa", done=False, days=30)
    with driving(home / "runs" / "20260102-200000-aaaa"):
        code, out, _ = inside("prune", "--keep", "0", "--spare", "night-4*")
    assert code == 0
    assert there(home) == [f"2026010{number}-200000-aaaa" for number in (1, 2, 3, 4, 6)]
    for words in (
        "20260101-200000-aaaa night-1: a baseline is made of it", "which is gone", "20260102-200000-aaaa night-2: a process is at it",
        "20260103-200000-aaaa : it can't be read: longhaul doctor", "20260104-200000-aaaa night-4: it is called night-4", "20260106-200000-aaaa : not finished",
    ):  # fmt: skip
        assert words in out


def test_a_mark_that_can_not_be_read_removes_nothing(home: Path, inside: Inside) -> None:
    """Nobody knows then what must stay: one sentence that names the file, and exit 2."""
    (home / "baselines").mkdir()
    (home / "baselines" / "x.json").write_text('{"runs": NaN}')
    code, _, err = inside("prune", "--keep", "0")
    assert (code, len(err.splitlines()), "x.json" in err, len(there(home))) == (2, 1, True, 6)


def test_a_mark_that_is_a_pipe_is_not_waited_for(home: Path, inside: Inside) -> None:
    """It would be for ever; it is a mark that can't be read."""
    (home / "baselines").mkdir()
    os.mkfifo(home / "baselines" / "x.json")
    assert (inside("prune", "--keep", "0")[0], len(there(home))) == (2, 6)


@pytest.mark.parametrize(("days", "stay"), [("50", 1), ("200", 6)])
def test_days_keep_what_is_young(days: str, stay: int, home: Path, inside: Inside) -> None:
    """Only what is neither among the newest nor changed within so many days goes."""
    assert inside("prune", "--keep", "0", "--days", days)[0] == 0
    assert len(there(home)) == stay


@pytest.mark.parametrize("words", [("--days", "nan"), ("--days", "-1"), ("--keep", "-1"), ("--keep", "few")], ids=" ".join)
def test_a_policy_is_made_of_numbers(words: tuple[str, ...], home: Path, inside: Inside) -> None:
    """What is none is one sentence, exit 2, and nothing goes."""
    code, _, err = inside("prune", *words)
    assert (code, len(err.splitlines()), len(there(home))) == (2, 1, 6)


def test_a_pruning_that_was_killed_is_finished_by_the_next(home: Path, inside: Inside) -> None:
    """A run set aside is in no list any more, whole or half deleted; the next pruning says so and deletes what is left of it."""
    (home / "pruned").mkdir()
    (home / "runs" / "20260101-200000-aaaa").rename(home / "pruned" / "20260101-200000-aaaa")
    shutil.rmtree(home / "pruned" / "20260101-200000-aaaa" / "blobs")
    assert "20260101" not in inside("runs")[1]
    code, out, _ = inside("prune")
    assert (code, (home / "pruned").exists(), len(there(home))) == (0, False, 5)
    assert "left by a pruning that was cut short: 20260101-200000-aaaa" in out


def test_a_link_goes_and_not_what_it_leads_to(home: Path, inside: Inside, tmp_path: Path) -> None:
    """A run that somebody moved to a larger disk and linked is taken off the list, and the other disk is left alone."""
    (home / "runs" / "20260101-200000-aaaa").rename(tmp_path / "elsewhere")
    (home / "runs" / "20260101-200000-aaaa").symlink_to(tmp_path / "elsewhere")
    assert inside("prune", "--keep", "5")[0] == 0
    assert (len(there(home)), (tmp_path / "elsewhere" / "run.sqlite").exists()) == (5, True)


def test_a_link_for_the_place_aside_is_not_followed(home: Path, inside: Inside, tmp_path: Path) -> None:
    """What stands behind it was set aside by nobody: it is left alone, no run goes, and that is said."""
    (tmp_path / "precious" / "folder").mkdir(parents=True)
    (home / "pruned").symlink_to(tmp_path / "precious")
    code, out, _ = inside("prune", "--keep", "5")
    assert (code, len(there(home)), (tmp_path / "precious" / "folder").exists()) == (1, 6, True)
    assert "found a link" in out


@pytest.mark.parametrize("path", ["/" + "x" * 5000, "/a\0b\n::error::\x1b[31m"], ids=["long", "hostile"])
def test_a_mark_may_say_anything(path: str, home: Path, inside: Inside) -> None:
    """Its run stays, and no word of it becomes a command to a terminal or to a CI."""
    (home / "baselines").mkdir()
    (home / "baselines" / "x.json").write_text(json.dumps({"runs": ["20260101-200000-aaaa", "gone"], "path": path}))
    code, out, _ = inside("prune", "--keep", "0")
    assert (code, there(home), "\x1b" in out, "\n::error" in out) == (0, ["20260101-200000-aaaa"], False, False)


def test_a_run_that_was_removed_does_not_come_back(home: Path) -> None:
    """Whoever was about to take it up is told, and leaves no folder that looks like a damaged run."""
    path = home / "runs" / "20260101-200000-aaaa"
    removal.set_aside(path, home)
    with pytest.raises(PlanError, match="No such file"), driving(path):
        pass
    assert not path.exists()


def test_an_empty_home_has_nothing_to_prune(inside: Inside, tmp_path: Path) -> None:
    """No store, no complaint, and none is made."""
    code, out, err = inside("prune")
    assert (code, "0 runs removed" in out, err, (tmp_path / "home").exists()) == (0, True, "", False)


def test_machines_kept_for_forks_go_with_their_run(home: Path, inside: Inside, engine: docker.DockerClient, base_image: object) -> None:
    """Images that only a removed run kept are removed from the engine; one that a fork on record begins with stays, as do a stranger's."""
    made = [kept(engine, word) for word in ("goes", "stays")]
    stranger = kept(engine, "stranger", repository="longhaul-test/kept")
    try:
        laid(home, "20250101-200000-aaaa", more=tuple(OutsideKept(turn, image) for turn, image in enumerate(made, 1)))
        fork = Fork(Parent("20250101-200000-aaaa", "t0001", 1, 2, "full"), 1, made[1], Blob("a" * 64, 1), (), ())
        laid(home, "20260701-200000-aaaa", days=0, done=False, fork=msgspec.json.encode(fork).decode())
        code, out, err = inside("prune", "--keep", "7")
        assert (code, err) == (0, "")
        assert "1 run removed, and 1 machine kept for forks" in out
        left = there_now(engine)
        assert {*made, stranger} & left == {made[1], stranger}
    finally:
        for image in (*made, stranger):
            if image in there_now(engine):
                engine.images.remove(image, force=True)


def there_now(engine: docker.DockerClient) -> set[str]:
    # Not `images.list`, which looks at each once more and fails when one vanishes in between.
    return {str(row["Id"]) for row in engine.api.images()}


def kept(engine: docker.DockerClient, word: str, *, repository: str = "longhaul/kept") -> str:
    """An image as a run keeps one: a container of the base image, committed."""
    container = engine.containers.create("longhaul/base:bookworm-1", ["true"], labels={"longhaul.test": "prune"})
    try:
        return str(container.commit(repository=repository, tag=f"test-{word}", changes=[f"LABEL longhaul.test={word}"]).id)
    finally:
        container.remove()


def test_the_policy_does_not_look_at_the_order() -> None:
    """Which runs stay depends on their ids alone, however they are listed."""
    runs = [Run(f"2026010{number}-200000-aaaa", "", "", "finished", 50.0) for number in range(1, 6)]
    told = reasons(runs, Policy(keep=2))
    assert told == reasons(runs[::-1], Policy(keep=2))
    assert sorted(run for run, why in told.items() if why) == ["20260104-200000-aaaa", "20260105-200000-aaaa"]
