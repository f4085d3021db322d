"""What tests of staged tasks share: predicates judged over plain trees, and a folder's own verifier on the host."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from harness.core.predicates import Predicate
from harness.metrics.context.predicates.judge import judged
from harness.metrics.context.predicates.sources import Sources
from task_repos.staging.folders import Folder
from task_repos.staging.generating import Generated, generate
from task_repos.staging.work import Tree

FAMILIES = ("T0", "T1", "T3", "T5", "T6")


class PlainTrees:
    """Trees by name, blobs by digest."""

    def __init__(self, **trees: Tree) -> None:
        self._files = {name: {path: hashlib.sha256(text.encode()).hexdigest() for path, text in tree.items()} for name, tree in trees.items()}
        self._blobs = {hashlib.sha256(text.encode()).hexdigest(): text.encode() for tree in trees.values() for text in tree.values()}

    def files(self, tree: str) -> Mapping[str, str]:
        return self._files[tree]

    def content(self, oid: str) -> bytes:
        return self._blobs[oid]


class Judge:
    """Holds one `Sources` for each pair of trees."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[Sources, Tree, Tree]] = {}

    def __call__(self, predicate: Predicate, tree: Tree, base: Tree) -> bool:
        key = (id(tree), id(base))
        if key not in self._known:
            self._known[key] = (Sources(PlainTrees(tree=tree, base=base)), tree, base)
        return judged(predicate, "tree", "base", self._known[key][0]).held is True


def made(family: str, seed: int, tier: str = "S", delivery: str = "staged", **dials: str | int) -> Generated:
    return generate(tier, seed, family, delivery, dials)  # type: ignore[arg-type]


def mutated(final: Tree, files: tuple[tuple[str, str | None], ...]) -> dict[str, str]:
    tree = {**final, **{path: text for path, text in files if text is not None}}
    for path, text in files:
        if text is None:
            del tree[path]
    return tree


def reward(folder: Folder, tree: Tree, place: Path) -> str:
    """What the folder's own test.sh says of the tree: "1" or "0"."""
    for path, text in tree.items():
        _lay(place / "work" / path, text.encode())
    for path, data in folder.files.items():
        if path.startswith("tests/"):
            _lay(place / path, data)
    bin_ = Path(sys.executable).parent
    env = {**os.environ, "WORKSPACE": str(place / "work"), "LOGS": str(place / "logs"), "PATH": f"{bin_}:{os.environ['PATH']}"}
    subprocess.run(["bash", str(place / "tests/test.sh")], env=env, capture_output=True, check=False)
    return (place / "logs/reward.txt").read_text().strip()


def _lay(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
