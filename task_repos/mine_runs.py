"""Tests of two versions of a project in containers of one image, several times each, and which of them can be relied on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

import msgspec

from harness.core.machine import Ended, PreparedImage, TreeEntry
from harness.core.ports import Images, Order, Sandbox, Sandboxes
from harness.core.task import Place
from harness.core.trial import TestResult
from task_repos.mine_checks import FILE
from task_repos.mirrors import LINK, TreeFile
from task_repos.new_grade import FAILING, PYTEST, grade_command, node_id

REPORT: Final = "/logs/verifier/report.xml"
RUNS: Final = 3
LOG_LINES: Final = 12
OPTIONS: Final = "-p no:cacheprovider --continue-on-collection-errors"
CHECK: Final = f"python3 -m pytest -q -p no:cacheprovider -c /dev/null --rootdir=. --confcutdir=tests/hidden {FILE}"
"""Apart from the project's own settings and plugins: what it reads is text."""

Tree = Mapping[str, TreeFile]
ReadReport = Callable[[bytes], Iterable[TestResult]]


class Bench(msgspec.Struct, frozen=True):
    """Where tests run; `deadline` seconds for one run of all."""

    images: Images
    sandboxes: Sandboxes
    read_report: ReadReport
    deadline: float


class Ground(msgspec.Struct, frozen=True):
    """An image with an environment, and the version of the project that lies in it."""

    image: PreparedImage
    place: Place
    tree: dict[str, TreeFile]


class Ran(msgspec.Struct, frozen=True):
    """One run: status by node id (names of several tests left out), how it ended, the end of its output."""

    statuses: dict[str, str]
    ended: Ended
    log: str

    def passing(self) -> set[str]:
        return {name for name, status in self.statuses.items() if status == "passed"}


class Sorted(msgspec.Struct, frozen=True):
    """What several runs of both versions say together; `flaky` ids differed between runs of the same version."""

    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    flaky: tuple[str, ...]


def command(test: str, *, structural: bool) -> str:
    """What runs the tests, and beside them the structural checks, and leaves one report."""
    options = f"{OPTIONS} --ignore=tests/hidden" if structural else OPTIONS
    return grade_command(PYTEST.sub(lambda match: f"{match[0]} {options}", test, count=1), CHECK if structural else "")


def run(ground: Ground, bench: Bench, tree: Tree, words: str) -> Ran:
    """One run over a version in a fresh container. Raises SandboxError."""
    with bench.sandboxes.open(Order(ground.image, ground.place, (("purpose", "mine"),))) as sandbox:
        lay(sandbox, ground.tree, tree)
        done = sandbox.exec(("sh", "-c", words), deadline=bench.deadline, environment={"LONGHAUL_REPORT": REPORT})
        lines = (done.stdout + done.stderr).decode("utf-8", "replace").splitlines()
        log = "\n".join(line for line in lines[-LOG_LINES:] if line.strip())
        try:
            results = tuple(bench.read_report(sandbox.read(PurePosixPath(REPORT))))
        except (OSError, ValueError):
            results = ()
    return Ran(statuses(results, frozenset(tree)), done.ended, log)


def lay(sandbox: Sandbox, old: Tree, new: Tree) -> None:
    """Turn the version that lies there into another; what a build left beside it stays."""
    gone = sorted(path for path in old if path not in new)
    if gone:
        said = "\0".join(gone).encode("utf-8", "surrogateescape")
        above = "\0".join(sorted({str(PurePosixPath(path).parent) for path in gone} - {"."})).encode("utf-8", "surrogateescape")
        sandbox.exec(("sh", "-c", "xargs -0 rm -f --"), deadline=60, stdin=said)
        sandbox.exec(("sh", "-c", "xargs -0 -r -n 1 rmdir -p --ignore-fail-on-non-empty -- 2>/dev/null; true"), deadline=60, stdin=above)
    changed = [new[path] for path in sorted(new) if old.get(path) != new[path]]
    folders = sorted({str(parent) for file in changed for parent in PurePosixPath(file.path).parents} - {"."})
    have = {str(parent) for path in old for parent in PurePosixPath(path).parents}
    fresh = [TreeEntry(name.encode("utf-8", "surrogateescape"), "dir", 0o755, 0) for name in folders if name not in have]
    sandbox.lay((*fresh, *(entry(file) for file in changed)))


def entry(file: TreeFile) -> TreeEntry:
    name = file.path.encode("utf-8", "surrogateescape")
    if file.mode == LINK:
        return TreeEntry(name, "link", 0o777, len(file.data), file.data)
    return TreeEntry(name, "file", 0o755 if file.mode & 0o100 else 0o644, len(file.data), file.data)


def statuses(results: Iterable[TestResult], files: frozenset[str]) -> dict[str, str]:
    """Status by node id: of tests with a file, a name of their own, and one that reads the same in every report."""
    named = [(node_id(result.id, files), result.status) for result in results]
    count = Counter(name for name, _ in named)
    return {name: str(status) for name, status in named if count[name] == 1 and plain(name)}


def plain(name: str) -> bool:
    return ".py::" in name and name.isprintable() and "#x" not in name


def sort(afters: tuple[Ran, ...], befores: tuple[Ran, ...]) -> Sorted:
    """FAIL_TO_PASS passes in every run after and fails, or is not there, in every run before; PASS_TO_PASS passes in all. Pure."""
    good = set.intersection(*(one.passing() for one in afters))
    held = set.intersection(*(one.passing() for one in befores))
    lost = {name for name in good if all(one.statuses.get(name, "failed") in FAILING for one in befores)}
    unsteady = {name for group in (afters, befores) for one in group for name in one.statuses if differs(name, group)}
    return Sorted(tuple(sorted(lost)), tuple(sorted(good & held)), tuple(sorted(unsteady)))


def differs(name: str, group: tuple[Ran, ...]) -> bool:
    return len({one.statuses.get(name, "") for one in group}) > 1
