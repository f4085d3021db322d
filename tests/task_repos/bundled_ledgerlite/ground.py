"""What tests of `ledgerlite` share: its folder, trees along its moves, predicates judged over them, its hidden tests on the host."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from harness.core.predicates import Every, Not, Predicate, Some, Tested
from harness.core.task import TaskSpec
from harness.metrics.context.predicates.judge import judged
from harness.metrics.context.predicates.sources import Sources
from task_repos.folder import read_task
from task_repos.staging.folders import Folder
from task_repos.staging.work import Tree, played

FOLDER = Path(__file__).parents[3] / "task_repos" / "bundled" / "ledgerlite"


@cache
def task() -> TaskSpec:
    return read_task(FOLDER, {}, "bundled")


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts}


@cache
def base() -> Mapping[str, str]:
    return files(FOLDER / "environment" / "repo")


@cache
def final() -> Mapping[str, str]:
    """What solve.sh leaves."""
    return {**base(), **files(FOLDER / "solution" / "final")}


@cache
def trees() -> tuple[Tree, ...]:
    """The beginning, then what the moves of each request leave."""
    made: list[Tree] = [base()]
    for stage in range(1, len(task().brief.requests) + 1):
        made.append(played(made[-1], tuple(call for move in task().moves if move.stage == stage for call in move.calls)))
    return tuple(made)


class _Trees:
    def __init__(self, named: Mapping[str, Tree]) -> None:
        self._named = named
        self._blobs = {_oid(text): text.encode() for tree in named.values() for text in tree.values()}

    def files(self, tree: str) -> Mapping[str, str]:
        return {path: _oid(text) for path, text in self._named[tree].items()}

    def content(self, oid: str) -> bytes:
        return self._blobs[oid]


@cache
def _oid(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def held(predicate: Predicate, tree: Tree, tested: bool | None = None) -> bool | None:
    """What the tree shows; `tested`: the answer of all hidden tests."""
    return judged_from(predicate, tree, base(), tested)


def judged_from(predicate: Predicate, tree: Tree, began: Tree, tested: bool | None = None) -> bool | None:
    """The same, of an agent that began with another tree."""
    known = {("tree", ids): tested for ids in asked_of(predicate)}
    return judged(predicate, "tree", "base", Sources(_Trees({"tree": tree, "base": began}), known)).held


def asked_of(predicate: Predicate) -> tuple[tuple[str, ...], ...]:
    """Ids of the hidden tests that it asks for."""
    if isinstance(predicate, Tested):
        return (predicate.ids,)
    inner = predicate.of if isinstance(predicate, Every | Some) else (predicate.of,) if isinstance(predicate, Not) else ()
    return tuple(ids for one in inner for ids in asked_of(one))


def lay(tree: Tree, place: Path) -> Path:
    for path, text in tree.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, encoding="utf-8")
    return place


def hidden(tree: Tree, place: Path, *ids: str) -> dict[str, bool]:
    """The hidden tests (or these alone) and visible ones over a tree of ours: id -> whether it passed."""
    return _run({**tree, **{f"tests/hidden/{path}": text for path, text in files(FOLDER / "tests" / "hidden").items()}}, place, ids)


def hidden_of(folder: Folder, tree: Tree, place: Path) -> tuple[dict[str, bool], dict[str, list[str]]]:
    """What a twin's own hidden tests say of a tree, and which ids it grades."""
    tests = {path: data.decode() for path, data in folder.files.items() if path.startswith("tests/hidden/")}
    wanted: dict[str, list[str]] = json.loads(folder.files["tests/ids.json"])
    return _run({**tree, **tests}, place, ()), wanted


def _run(tree: Tree, place: Path, ids: tuple[str, ...]) -> dict[str, bool]:
    work = lay(tree, place / "work")
    report = place / "report.xml"
    visible = sorted(path for path in base() if path.startswith("tests/test_"))
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *(ids or ("tests/hidden", *visible))]
    subprocess.run(words, cwd=work, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, check=False, capture_output=True)
    cases = ET.parse(report).iter("testcase")
    return {f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}": len(case) == 0 for case in cases}


def graded() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((FOLDER / "tests" / "ids.json").read_text("utf-8"))
    return found
