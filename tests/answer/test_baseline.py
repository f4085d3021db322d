"""A baseline is one file that knows its runs, refuses what no night can be judged against, and tells when it was edited."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest

from harness.answer.night.baseline import LARGEST, decoded, digest
from harness.core.errors import PlanError
from harness.metrics.environment import Environment
from harness.plan import FRESH
from tests.answer.conftest import Command
from tests.answer.laid import FACTS, MODEL, a_night, lay, suite

A, B = "20260101-200000-aaaa", "20260102-200000-bbbb"
TEN = suite(10, "ppp", task_01="pfp", task_02="fdp")


def a_home(home: Path) -> None:
    """A night with a control and an oracle."""
    lay(home, A, a_night(TEN) + a_night(suite(10, "p"), variant=FRESH) + a_night(TEN, model="none"))


def test_the_file_has_what_a_night_needs(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """Who, what it was run with, and how each task ended, for sides that ask a model; the oracle is no candidate."""
    a_home(home)
    said = longhaul("baseline", A, "--to", tmp_path / "b.json", "--json")
    told = json.loads((tmp_path / "b.json").read_text())
    assert said.code == 0
    assert said.json == told
    assert [each["run"] for each in told["runs"]] == [A]
    assert told["runs"][0]["seed"] == 7
    assert [(side["who"]["model"], side["who"]["variant"]) for side in told["sides"]] == [(MODEL, ""), (MODEL, FRESH)]
    assert told["sides"][0]["identity"]["model"] == ["sha256:aaaa"]
    assert told["sides"][0]["identity"]["tasks"]["task-03"] == ["sha256:task-03"]
    assert told["sides"][0]["tasks"]["task-02"] == {"passed": 1, "failed": 1, "broken": 0, "disputed": 1, "suspicious": 0, "invalid": 0, "pending": 0}


def test_it_marks_its_runs_as_kept(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """One mark per baseline under its digest; a baseline that takes another's place takes its mark, too."""
    a_home(home)
    lay(home, B, a_night(TEN))
    longhaul("baseline", A, "--to", tmp_path / "b.json")
    (mark,) = (home / "baselines").iterdir()
    assert mark.stem == json.loads((tmp_path / "b.json").read_text())["digest"].removeprefix("sha256:")
    assert json.loads(mark.read_text()) == {"runs": [A], "path": str(tmp_path / "b.json")}
    longhaul("baseline", B, "--to", tmp_path / "other.json")
    assert len(list((home / "baselines").iterdir())) == 2
    longhaul("baseline", B, "--to", tmp_path / "b.json", "--accept", "broken")
    assert sorted(json.loads(each.read_text())["runs"][0] for each in (home / "baselines").iterdir()) == [B, B]


def test_runs_of_one_thing_are_pooled(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """Counts add up task by task."""
    a_home(home)
    lay(home, B, a_night(TEN))
    assert longhaul("baseline", A, B, "--to", tmp_path / "b.json").code == 0
    told = json.loads((tmp_path / "b.json").read_text())
    assert told["sides"][0]["tasks"]["task-01"]["passed"] == 4
    assert [side["nights"] for side in told["sides"]] == [2, 1]
    assert [each["run"] for each in told["runs"]] == [A, B]
    assert "twice" in longhaul("baseline", A, A[:9], "--to", tmp_path / "c.json").err


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (a_night(TEN, facts=msgspec.structs.replace(FACTS, digest="sha256:bbbb")), "model"),
        (a_night(TEN, facts=msgspec.structs.replace(FACTS, server_version="0.10")), "server"),
        (a_night(suite(10) | {"task-99": "ppp"}), "tasks"),
    ],
)
def test_runs_of_different_things_are_not(other: tuple[object, ...], field: str, longhaul: Command, home: Path, tmp_path: Path) -> None:
    """Refused by the field in which they differ, and nothing is written, not even a mark."""
    a_home(home)
    lay(home, B, other)  # type: ignore[arg-type]
    said = longhaul("baseline", A, B, "--to", tmp_path / "b.json")
    assert said.code == 2
    assert said.err.startswith(f"longhaul: {field}: found ")
    assert said.err.count("\n") == 1
    assert not (tmp_path / "b.json").exists()
    assert not (home / "baselines").exists()


@pytest.mark.parametrize(("ends", "name"), [(suite(10, "ppb"), "broken"), (suite(10, "pp."), "pending")])
def test_a_run_that_is_not_whole_needs_a_word(ends: dict[str, str], name: str, longhaul: Command, home: Path, tmp_path: Path) -> None:
    """More than 5 % broken, or trials pending, is refused unless accepted by name; the file remembers that it was."""
    lay(home, A, a_night(ends))
    refused = longhaul("baseline", A, "--to", tmp_path / "b.json")
    assert refused.code == 2
    assert f"--accept {name}" in refused.err
    assert not (tmp_path / "b.json").exists()
    assert longhaul("baseline", A, "--to", tmp_path / "b.json", "--accept", name).code == 0
    assert json.loads((tmp_path / "b.json").read_text())["accepted"] == [name]


def test_what_is_no_baseline_at_all(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """A run without a model, one without a decided trial, another seed, another name to accept, and a folder for a file: one sentence each."""
    lay(home, A, a_night(TEN, model="none"))
    lay(home, B, a_night(suite(10, "b")))
    lay(home, "20260103-200000-cccc", a_night(TEN))
    lay(home, "20260104-200000-dddd", a_night(TEN), seed=8)
    to = tmp_path / "b.json"
    cases = {
        "a run with a model in it": ("baseline", A, "--to", to),
        "was decided": ("baseline", B, "--to", to, "--accept", "broken"),
        "one plan seed": ("baseline", "20260103", "20260104", "--to", to),
        "one of broken, pending": ("baseline", "20260103", "--to", to, "--accept", "model"),
        "a folder": ("baseline", "20260103", "--to", tmp_path),
    }
    for words, command in cases.items():
        said = longhaul(*command)
        assert (said.code, said.err.count("\n")) == (2, 1), said
        assert words in said.err
    assert not to.exists()
    assert not list((home / "baselines").glob("*")) if (home / "baselines").exists() else True


def edited(path: Path, **fields: object) -> bytes:
    return json.dumps(json.loads(path.read_text()) | fields).encode()


def test_bad_files_are_one_sentence_each(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """Another format, an edit, NaN, wrong types, unknown fields, nothing, too much, no UTF-8, depth, a folder: exit 2, the field named."""
    a_home(home)
    good = tmp_path / "b.json"
    longhaul("baseline", A, "--to", good)
    whole = json.loads(good.read_text())
    side = whole["sides"][0]
    bad: dict[str, tuple[bytes, str]] = {
        "format": (edited(good, schema="longhaul.baseline/9"), "schema: found 'longhaul.baseline/9', expected longhaul.baseline/1; make"),
        "other": (edited(good, schema="longhaul.report/2"), "schema: found 'longhaul.report/2'"),
        "none": (b"{}", "schema: found none"),
        "edit": (good.read_bytes().replace(b'"passed": 3', b'"passed": 2', 1), "--accept edited"),
        "nan": (good.read_bytes().replace(b'"passed": 3', b'"passed": NaN', 1), "malformed"),
        "type": (good.read_bytes().replace(b'"passed": 3', b'"passed": "3"', 1), "Expected `int`, got `str`"),
        "negative": (good.read_bytes().replace(b'"passed": 3', b'"passed": -3', 1), "Expected `int` >= 0"),
        "large": (good.read_bytes().replace(b'"passed": 3', b'"passed": 1' + b"0" * 40, 1), "b.json"),
        "unknown": (edited(good, extra=1), "unknown field `extra`"),
        "missing": (json.dumps({name: whole[name] for name in whole if name != "sides"}).encode(), "missing required field `sides`"),
        "no side": (edited(good, sides=[]), "sides: found none"),
        "twice": (edited(good, sides=[side, side]), "one side twice"),
        "undecided": (edited(good, sides=[side | {"tasks": {"a": {}}}]), "without a decided trial"),
        "limits": (edited(good, sides=[side | {"identity": side["identity"] | {"limits": {"a": ["nonsense"]}}}]), "'nonsense'"),
        "accepted": (edited(good, accepted=["a\nb"]), "accepted: found ('a\\nb',), expected names among broken, pending"),
        "empty": (b"  \n", "an empty file"),
        "list": (b"[1]", "one JSON object"),
        "words": (b"not JSON", "one JSON object"),
        "latin": (b'{"schema": "\xff"}', "one JSON object"),
        "deep": (b'{"schema": ' + b"[" * 100_000, "one JSON object"),
    }
    for name, (data, words) in bad.items():
        path = tmp_path / "bad" / "b.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        said = longhaul("gate", A, "--baseline", path)
        assert (said.code, said.err.count("\n")) == (2, 1), (name, said)
        assert words in said.err, (name, said.err)
        assert str(path) in said.err


def test_a_file_too_large_or_no_file_is_told_unread(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """A sparse giant, a pipe, a folder and a missing file."""
    a_home(home)
    with (tmp_path / "giant.json").open("wb") as giant:
        giant.truncate(LARGEST + 1)
    os.mkfifo(tmp_path / "pipe.json")
    for path, words in ((tmp_path / "giant.json", "at most"), (tmp_path / "pipe.json", "--baseline"), (tmp_path, "a folder"), (tmp_path / "gone", "no such file")):
        said = longhaul("gate", A, "--baseline", path)
        assert (said.code, said.err.count("\n")) == (2, 1)
        assert words in said.err


def test_layout_is_no_edit_and_an_edit_can_be_accepted(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """Other blanks keep the digest; a changed count needs its name, and passes with it."""
    a_home(home)
    good = tmp_path / "b.json"
    longhaul("baseline", A, "--to", good)
    dense = json.dumps(json.loads(good.read_text())).encode()
    told = decoded(dense, "b.json")
    assert told.digest == digest(told)
    with pytest.raises(PlanError, match="edited"):
        decoded(dense.replace(b'"passed": 3', b'"passed": 2', 1), "b.json")
    good.write_bytes(dense.replace(b'"passed": 3', b'"passed": 2', 1))
    said = longhaul("gate", A, "--baseline", good, "--accept", "edited")
    assert said.code == 0
    assert "edited by hand" in said.out


def test_a_small_baseline_is_told_at_once(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """Below ten tasks no gate will ever have a word, and whoever makes the baseline hears it; a usual one tells what it can show."""
    lay(home, A, a_night(suite(9)))
    assert "9 tasks of coder x ollama/qwen3.6:27b: below 10 every gate is undecided" in longhaul("baseline", A, "--to", tmp_path / "b.json").out
    lay(home, B, a_night(TEN))
    told = longhaul("baseline", B, "--to", tmp_path / "b.json").out
    assert "every gate is undecided" not in told
    assert " points" in told


def test_a_run_that_waits_or_broke_lends_what_it_has(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """Pooled with a whole one: tasks that only the other began keep their digests, and a run that tells of no model makes no baseline of any model."""
    lay(home, A, a_night(suite(10, "b"), environment=Environment("0.1.0 sha256:h")))
    lay(home, B, a_night(TEN))
    lay(home, "20260103-200000-cccc", a_night(TEN | {"task-09": "..."}))
    words = ("baseline", A, "20260103", B, "--to", tmp_path / "b.json", "--accept", "broken", "--accept", "pending", "--json")
    (side,) = longhaul(*words).json["sides"]
    assert side["identity"]["model"] == ["sha256:aaaa"]
    assert len(side["identity"]["tasks"]) == 10
    assert (side["tasks"]["task-09"]["passed"], side["tasks"]["task-09"]["pending"]) == (3, 3)
