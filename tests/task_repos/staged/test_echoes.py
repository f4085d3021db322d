"""The dial `echoes`: what is overturned later has been said so many times more, what comes for it once, and the task is otherwise the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.exposure import exposes
from harness.core.errors import PlanError
from harness.core.memory import Item
from task_repos.staging.folders import Folder
from task_repos.staging.generating import digest
from task_repos.staging.selfcheck import faults
from tests.task_repos.staged.ground import Judge, made, reward

ASKED = (
    ("T6", "M", {"supersession": 2, "rehearsal": 3, "interludes": 1, "distractor_tokens": 600}), ("T1", "S", {"supersession": 1}),
    ("T3", "S", {"supersession": 1}), ("T5", "M", {"supersession": 3}), ("T5", "S", {}),
)  # fmt: skip


def said(folder: Folder, item: Item) -> list[int]:
    """Requests, from 1, in whose words the item is exposed."""
    return [number for number, (_, text) in enumerate(folder.requests, start=1) if exposes(text, item.fingerprints)]


def firsts(folder: Folder) -> list[tuple[Item, Item]]:
    """First versions with what came for them."""
    items = {item.id: item for item in folder.manifest.items}
    return [(items[item.supersedes], item) for item in items.values() if item.supersedes and not items[item.supersedes].supersedes]


@pytest.mark.parametrize(("family", "tier", "dials"), ASKED, ids=str)
def test_the_former_version_is_told_so_many_times_more(family: str, tier: str, dials: dict[str, str | int]) -> None:
    """Exposures in requests are 4 to 1, by the fingerprints that a ledger goes by: all before the overturning, each in another request."""
    folder = made(family, 2, tier=tier, echoes=3, **dials).folders[0]
    assert firsts(folder)
    for before, after in firsts(folder):
        told = [number for number in said(folder, before) if number < after.since]
        assert (told[0], len(told)) == (before.since, 4)
        assert said(folder, after) == [after.since]
        assert before.until == after.since


@pytest.mark.parametrize(("family", "dials"), [("T6", {"supersession": 1, "echoes": 2, "exposure": "file"}), ("T5", {"echoes": 2})])
def test_the_task_is_sound_and_its_solution_rewarded(family: str, dials: dict[str, str | int], tmp_path: Path) -> None:
    """The self-check finds nothing, request by request or all at once, and the hidden tests reward the solution."""
    folder, concat = (made(family, 4, delivery=delivery, **dials).folders[0] for delivery in ("staged", "concat"))
    assert (faults(folder, Judge()), faults(concat, Judge())) == ((), ())
    assert reward(folder, folder.final, tmp_path) == "1"


def test_a_fresh_start_repeats_nothing() -> None:
    """Where every stage stands alone nothing is overturned, and so nothing said again."""
    plain = made("T6", 3, stages=5, delivery="fresh", supersession=1).folders
    told = made("T6", 3, stages=5, delivery="fresh", supersession=1, echoes=1).folders
    assert [folder.requests for folder in told] == [folder.requests for folder in plain]


def test_the_ratio_alone_differs() -> None:
    """The same seed with another number of echoes has the same repository, moves and values, where the room was there anyway; its id tells them apart."""
    plain, more = (made("T6", 3, stages=5, supersession=1, echoes=echoes).folders[0] for echoes in (0, 1))
    assert (plain.base, plain.moves, plain.manifest) == (more.base, more.moves, more.manifest)
    assert sum(mine != theirs for mine, theirs in zip(plain.requests, more.requests, strict=True)) == 1
    assert plain.name != more.name


def test_no_echo_is_no_other_task() -> None:
    """A dial that came later and is not turned changes no byte."""
    for family, dials in (("T6", {"supersession": 1}), ("T5", {})):
        assert digest(made(family, 3, echoes=0, **dials).folders[0]) == digest(made(family, 3, **dials).folders[0])


@pytest.mark.parametrize(
    ("family", "dials", "found"),
    [
        ("T1", {"echoes": 3}, "nothing superseded in T1"), ("T6", {"echoes": 5, "supersession": 1}, "1 of 0 facts told early enough"),
        ("T5", {"echoes": 5}, "5 with 6 stages in T5"), ("T5", {"echoes": 2, "rehearsal": 3}, "2 with rehearsal=3 in T5"),
    ],
)  # fmt: skip
def test_where_it_can_not_hold_it_is_refused(family: str, dials: dict[str, str | int], found: str) -> None:
    """Nothing superseded, too few requests between, or a rehearsal that would make the ratio another: one sentence that names the dial."""
    with pytest.raises(PlanError) as caught:
        made(family, 1, **dials)
    assert caught.value.complaint.field == "echoes"
    assert found in str(caught.value)
