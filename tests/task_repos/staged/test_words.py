"""staged:TIER,... as a source: what may be said, what is refused in a sentence, and how folders come into the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import PlanError, TaskError
from harness.settings import read
from harness.wiring.sources import collect
from task_repos.moves import read_moves
from task_repos.staged import create, laid, wanted
from task_repos.staging.measuring import tokens
from tests.task_repos.staged.ground import FAMILIES, made


@pytest.mark.parametrize(
    ("word", "field", "expected"),
    [
        ("Q", "tier", "S, M, L or XL"), ("S,rules=99", "rules", "a whole number from 0 to 12"), ("S,rules", "tasks", "NAME=VALUE"),
        ("S,foo=1", "foo", "one of files"), ("S,exposure=system", "exposure", "first or request"), ("S,family=T99", "family", "one of T0"),
        ("S,delivery=whole", "delivery", "staged or concat or fresh"), ("S,count=0", "count", "from 1"), ("S,seed=-1", "seed", "a whole number"),
        ("S,stages=8", "stages", "two files more"), ("S,rules=2,rules=3", "tasks", "each name once"), ("S,distance=٣", "distance", "a whole number"),
    ],
)  # fmt: skip
def test_a_wrong_word_is_one_sentence(word: str, field: str, expected: str) -> None:
    """A tier, dial, family or number that is none says what there is."""
    with pytest.raises(PlanError) as caught:
        wanted(word, 0)
    assert caught.value.complaint.field == field
    assert expected in caught.value.complaint.expected


def test_what_a_family_lacks_is_said(tmp_path: Path) -> None:
    """More facts to supersede than there are is a sentence, not a trace."""
    with pytest.raises(PlanError, match="told early enough"):
        list(create(path="S,family=T1,supersession=3", cache=str(tmp_path)))


def test_the_plans_seed_reaches_the_source(tmp_path: Path) -> None:
    """`--seed 7` makes the tasks of seed 7; a seed in the word stands before it; count takes the seeds that follow."""
    settings = read({"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)})
    assert [task.id for task in collect(("staged:S,family=T1",), settings, {}, 7).tasks] == ["staged-t1-s-7"]
    ids = [task.id for task in collect(("staged:S,family=T1,count=2,seed=3",), settings, {}, 7).tasks]
    assert ids == ["staged-t1-s-3", "staged-t1-s-4"]


def test_a_task_is_read_with_its_manifest_and_moves(tmp_path: Path) -> None:
    """The reader of folders gives stages, items, milestones and moves back as they were made, and room enough for the turns."""
    (task,) = create(path="M,family=T6", seed=5, cache=str(tmp_path))
    folder = made("T6", 5, tier="M").folders[0]
    assert task.memory == folder.manifest
    assert task.moves == folder.moves
    assert [request.id for request in task.brief.requests] == [stage.request for stage in folder.manifest.stages]
    assert (task.limits.turns or 0) >= 12 * 30


def test_the_cache_holds_whole_folders(tmp_path: Path) -> None:
    """A folder is laid once; what somebody changed in it is laid anew, and nothing is left beside it."""
    folder = made("T1", 1).folders[0]
    place = laid(folder, tmp_path)
    (place / "task.toml").write_text("broken")
    (place / "more").write_text("x")
    assert laid(folder, tmp_path) == place
    assert {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()} == folder.files
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("shell", "rm"), "one of read"), (('"stage": 1,', '"stage": 9,'), "every request"), (('"tool": "finish"', '"tool": "read"'), "a finish"),
        (('"item": "', '"item": "no-'), "ids of"), (("[", "{"), "JSON"),
    ],
)  # fmt: skip
def test_wrong_moves_are_one_sentence(change: tuple[str, str], expected: str, tmp_path: Path) -> None:
    """Moves that name no tool, leave a request out, never finish or rest on no item are refused."""
    folder = made("T1", 1).folders[0]
    text = folder.files["solution/moves.json"].decode()
    assert change[0] in text
    (tmp_path / "solution").mkdir()
    (tmp_path / "solution/moves.json").write_text(text.replace(change[0], change[1]) if change[0] != "[" else "{")
    with pytest.raises(TaskError) as caught:
        read_moves(tmp_path, len(folder.requests), folder.manifest)
    assert expected in caught.value.complaint.expected


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("tier", "least", "most"), [("S", 15_000, 25_000), ("M", 60_000, 100_000), ("L", 150_000, 250_000), ("XL", 400_000, 500_000)])
def test_tiers_have_their_size(tier: str, least: int, most: int, family: str) -> None:
    """The played solution comes to the tokens that the tier promises."""
    assert least <= tokens(made(family, 9, tier=tier).folders[0]) <= most
