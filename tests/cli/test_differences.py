"""What changed between two turns: work is shown, caches are only counted."""

from __future__ import annotations

import subprocess
from pathlib import Path

import git
import pytest

from harness.cli.record.differences import between
from harness.core.chat import Sampling
from harness.core.errors import PlanError
from harness.core.events import Digests, Entry, ModelAsked, Trace, TreeSeen, TrialStarted
from harness.core.trial import TrialKey


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, list[str]]:
    """A bare repository, and the trees of the start and of one turn that wrote a file and some caches."""
    work, bare = tmp_path / "work", tmp_path / "trees.git"
    git.Repo.init(bare, bare=True).close()
    trees = []
    for files in ({"a.py": "1\n"}, {"a.py": "2\n", "__pycache__/a.pyc": "x", "deep/__pycache__/b.pyc": "x", ".pytest_cache/v/c": "x"}):
        for name, text in files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text, encoding="utf-8")
        here = ("git", f"--git-dir={bare}", f"--work-tree={work}")
        subprocess.run((*here, "add", "-A", "-f"), cwd=work, check=True)
        done = subprocess.run((*here, "write-tree"), cwd=work, check=True, capture_output=True, text=True)
        trees.append(done.stdout.strip())
    return bare, trees


def trace(trees: list[str]) -> Trace:
    """A start and one turn."""
    return (
        Entry(1, 0.0, TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, None, Digests("", "", "", ""), "{}", "")),
        Entry(2, 0.0, TreeSeen(trees[0], "", "", "start", 0, 0, 0)),
        Entry(3, 0.0, ModelAsked(1, (), Sampling(), None, 0, "", "")),
        Entry(4, 0.0, TreeSeen(trees[1], "", "", "shell", 1, 0, 0)),
    )


def test_caches_are_counted_and_not_shown(recorded: tuple[Path, list[str]]) -> None:
    """Bytecode and pytest's cache are no work; `noise` shows them all the same, and an open end is the last turn."""
    repository, trees = recorded
    text, left = between(repository, trace(trees), "0..")
    assert (text.count(b"diff --git"), left) == (1, 3)
    assert b"+2" in text
    whole, none = between(repository, trace(trees), "0..1", noise=True)
    assert (whole.count(b"diff --git"), none) == (4, 0)


@pytest.mark.parametrize("word", ["x", "..1", "0", "0..9"])
def test_no_such_turns_are_refused(word: str, recorded: tuple[Path, list[str]]) -> None:
    """A sentence says how turns are written."""
    with pytest.raises(PlanError):
        between(recorded[0], trace(recorded[1]), word)
