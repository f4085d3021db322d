"""`longhaul generate` writes folders whole or not at all, and says what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli.context.generate import generate, vacant
from harness.core.errors import PlanError

PLAIN = {"family": "T1", "delivery": "staged", "count": 1, "dial": [], "as_json": True}


def written(to: Path) -> dict[str, bytes]:
    return {path.relative_to(to).as_posix(): path.read_bytes() for path in to.rglob("*") if path.is_file()}


def test_folders_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One folder for each task, with all that Harbor wants, and a versioned object that counts it."""
    assert generate("S", 7, tmp_path / "to", **PLAIN) == 0  # type: ignore[arg-type]
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "longhaul.generate/1"
    assert [task["id"] for task in told["tasks"]] == ["staged-t1-s-7"]
    names = set(written(tmp_path / "to"))
    assert {f"staged-t1-s-7/{name}" for name in ("task.toml", "tests/test.sh", "solution/solve.sh", "steps/s01/instruction.md")} <= names
    assert [path.name for path in tmp_path.iterdir()] == ["to"]


def test_the_same_seed_is_the_same_folder(tmp_path: Path) -> None:
    """Twice the same words, twice the same bytes; an empty folder may be there already."""
    (tmp_path / "b").mkdir()
    for name in "ab":
        generate("S", 3, tmp_path / name, **PLAIN)  # type: ignore[arg-type]
    assert written(tmp_path / "a") == written(tmp_path / "b")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A folder with something in it, a file or a link is refused in a sentence, and stays as it is."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("x")
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("full", "file", "link"):
        with pytest.raises(PlanError, match="not there yet"):
            vacant(tmp_path / name)
    with pytest.raises(PlanError, match="not there yet"):
        generate("S", 3, tmp_path / "full", **PLAIN)  # type: ignore[arg-type]
    assert (tmp_path / "full/mine").read_text() == "x"


def test_a_wrong_dial_writes_nothing(tmp_path: Path) -> None:
    """What can't be made leaves no folder behind."""
    with pytest.raises(PlanError, match="rules"):
        generate("S", 3, tmp_path / "to", **{**PLAIN, "dial": ["rules=40"]})  # type: ignore[arg-type]
    with pytest.raises(PlanError, match="commas"):
        generate("S", 3, tmp_path / "to", **{**PLAIN, "dial": ["rules=4,files=9"]})  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
