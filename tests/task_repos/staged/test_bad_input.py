"""A generated task in which something is wrong is refused in one sentence, whatever its family and tier, before anything is spent."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from harness.core.errors import TaskError
from task_repos.folder import read_task
from task_repos.staged import write
from task_repos.staging.folders import Folder
from tests.end_to_end.tiny import longhaul
from tests.task_repos.staged.ground import FAMILIES, made

FILE = "tests/longhaul.toml"
DAILY = [(family, "S") for family in FAMILIES] + [("T5", "M")]
EVERY = [pytest.param(*each, marks=() if each in DAILY else pytest.mark.long) for each in [(family, tier) for family in FAMILIES for tier in ("S", "M", "L", "XL")]]


def text(folder: Folder) -> str:
    return folder.files[FILE].decode()


def outside(folder: Folder) -> str:
    """An item ends with the second request, and a later one can't be met without it."""
    steps = [stage.request for stage in folder.manifest.stages]
    used = {name for one in folder.manifest.milestones if one.stage > 2 for name in one.items}
    item = next(item for item in folder.manifest.items if item.id in used and item.since == 1 and item.until is None)
    head, found, tail = text(folder).partition(f'[[memory]]\nid = "{item.id}"\n')
    assert found
    return head + found + tail.replace('from = "s01"\n', f'from = "s01"\nuntil = "{steps[1]}"\n', 1)


def unparsed(folder: Folder) -> str:
    """A predicate of a kind that there is not."""
    head, found, tail = text(folder).partition("[[milestone]]\n")
    return head + found + re.sub(r'predicate = \{ type = "\w+"', 'predicate = { type = "nonsense"', tail, count=1)


def unshown(folder: Folder) -> str:
    """A request that asks for something, and nothing shows it."""
    last = max(one.stage for one in folder.manifest.milestones)
    name = folder.manifest.stages[last - 1].request
    parts = re.split(r"(?m)^(?=\[\[)", text(folder))
    return "".join(part for part in parts if not (part.startswith("[[milestone]]") and f'stage = "{name}"' in part))


def unweighed(folder: Folder) -> str:
    return re.sub(r"(?m)^weight = .*$", "weight = 0.9", text(folder), count=1)


WRONG = {outside: "does not hold|holds from", unparsed: "predicate", unshown: "milestone", unweighed: "sum to 1"}


@pytest.mark.parametrize(("family", "tier"), EVERY)
def test_each_mistake_is_one_sentence(family: str, tier: str, tmp_path: Path) -> None:
    """An item outside its validity, a predicate that does not parse, a stage without milestone, weights that do not sum to 1."""
    folder = made(family, 6, tier).folders[0]
    write(folder, tmp_path)
    assert read_task(tmp_path, {}, "harbor:x").memory is not None
    for wrong, words in WRONG.items():
        if folder.manifest.items or wrong is not outside:
            (tmp_path / FILE).write_text(wrong(folder))
            tomllib.loads((tmp_path / FILE).read_text())
            with pytest.raises(TaskError, match=words) as told:
                read_task(tmp_path, {}, "harbor:x")
            assert "\n" not in str(told.value)


@pytest.mark.parametrize("wrong", [outside, unshown], ids=lambda each: each.__name__)
def test_nothing_is_spent(wrong, tmp_path: Path) -> None:
    """`run` ends with 2 and one line, and no run has begun."""
    folder = made("T6", 6).folders[0]
    write(folder, tmp_path / "task")
    (tmp_path / "task" / FILE).write_text(wrong(folder))
    done = longhaul(tmp_path / "home", "run", "-t", f"harbor:{tmp_path / 'task'}", "-m", "scripted/demo", "-n", "1")
    assert done.returncode == 2, done.stdout + done.stderr
    assert re.search(WRONG[wrong], done.stderr)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home" / "runs").exists() or not any((tmp_path / "home" / "runs").iterdir())
