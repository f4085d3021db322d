"""RefactorBench folders: repositories/REPO, problems/WORDING_problems/REPO/NAME-task.txt in three wordings, tests/REPO/TEST.py over syntax trees."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.core.errors import HarnessError, TaskError
from harness.core.regular import read_regular
from harness.core.task import Brief, CopiedFile, ImageTag, Place, Provenance, Request, TaskSpec, TestIds
from task_repos.refactorbench_pairs import paired
from task_repos.refactorbench_tests import names_of_tests

WORDINGS: Final = ("base", "descriptive", "lazy")
TASK: Final = "-task.txt"
IMAGE: Final = "longhaul/base:bookworm-1"
WORKDIR: Final = "/workspace"
ROOM: Final = "refactorbench_check"
"""The tests name files as ../PATH, so they run one folder below the repository's root."""
COMMAND: Final = f"cd {ROOM} && python3 -m pytest -p no:cacheprovider --rootdir=.. -c /dev/null --junitxml=$LONGHAUL_REPORT test_refactoring.py"
COMMIT: Final = (
    "git init -q . && git add -A && git -c user.name=base -c user.email=base@example.invalid commit -q -m base --date=2000-01-01T00:00:00+0000"
)
DEADLINE_S: Final = 300.0
TEXT_BYTES: Final = 1 << 20
NO_SOLUTION: Final = "no solution is published: nothing shows that it can be solved"


class RefactorBench:
    """The tasks of a folder in the order of repositories, names and wordings."""

    def __init__(self, path: Path, source: str) -> None:
        self._path, self._source = path.absolute(), source
        self._faults: list[Exception] = []

    @property
    def faults(self) -> tuple[Exception, ...]:
        return tuple(self._faults)

    def __iter__(self) -> Iterator[TaskSpec]:
        self._faults = []
        repositories = self._path / "repositories"
        if not repositories.is_dir():
            self._faults.append(TaskError(str(self._path), "repositories", "no such folder", "repositories/, problems/ and tests/"))
            return
        for repository in sorted(path for path in repositories.iterdir() if path.is_dir() and not path.name.startswith(".")):
            yield from self._of(repository)

    def _of(self, repository: Path) -> Iterator[TaskSpec]:
        """One repository's tasks; a problem without its test, or without a wording, is a complaint."""
        try:
            problems = self._problems(repository.name)
            pairs = paired(tuple(problems), self._path / "tests" / repository.name)
        except HarnessError as fault:
            self._faults.append(fault)
            return
        tree = tree_digest(repository)
        for name, files in problems.items():
            for wording, file in files.items():
                try:
                    yield self._task(repository, tree, (name, wording, file), pairs[name])
                except HarnessError as fault:
                    self._faults.append(fault)

    def _problems(self, repository: str) -> dict[str, dict[str, Path]]:
        """Name -> wording -> file, for every problem that any wording has."""
        found: dict[str, dict[str, Path]] = {}
        for wording in WORDINGS:
            for file in sorted((self._path / "problems" / f"{wording}_problems" / repository).glob(f"*{TASK}")):
                found.setdefault(file.name.removesuffix(TASK), {})[wording] = file
        for name, files in sorted(found.items()):
            if missing := [wording for wording in WORDINGS if wording not in files]:
                self._faults.append(TaskError(str(self._path / "problems"), f"{repository}/{name}", f"no {missing[0]} wording", "three wordings"))
        return dict(sorted(found.items()))

    def _task(self, repository: Path, tree: str, problem: tuple[str, str, Path], test: Path | TaskError) -> TaskSpec:
        name, wording, file = problem
        if isinstance(test, TaskError):
            raise test
        request, source = read(file), read(test)
        ids = tuple(f"{ROOM}/test_refactoring.py::{each}" for each in names_of_tests(source, str(test)))
        check = TestIds(COMMAND, "junit", ids, (), (CopiedFile(f"{ROOM}/test_refactoring.py", source),), (ROOM,), deadline=DEADLINE_S)
        place = Place(ImageTag(IMAGE), workdir=WORKDIR, upload=str(repository), setup=(COMMIT,))
        return TaskSpec(
            id=f"{repository.name.removesuffix('_refactor')}-{plain(name)}.{wording}", digest=digest(tree.encode(), request, source, COMMAND.encode()),
            brief=Brief((Request("task", request.decode()),)), place=place, check=check,
            provenance=Provenance(self._source, kind="public", languages=("python",), warnings=(NO_SOLUTION,)),
        )  # fmt: skip


def create(*, path: str, source: str = "") -> RefactorBench:
    """Tasks under `path`, a copy of the benchmark; `source`: how the plan names this."""
    return RefactorBench(Path(path), source or f"refactorbench:{path}")


def plain(name: str) -> str:
    """A name as a part of an id: what is no letter, digit, dot or hyphen becomes a hyphen."""
    return "".join(mark if mark.isalnum() or mark in ".-_" else "-" for mark in name)


def read(path: Path) -> bytes:
    """UTF-8 text of a file that is no larger than a task can be. Raises TaskError."""
    try:
        data = read_regular(path, TEXT_BYTES)
        text = data.decode()
    except OSError as fault:
        raise TaskError(str(path), "file", fault.strerror or str(fault), "a file that can be read") from fault
    except UnicodeDecodeError as fault:
        raise TaskError(str(path), "text", f"byte {fault.object[fault.start]:#04x} at {fault.start}", "UTF-8") from fault
    if not text.strip():
        raise TaskError(str(path), "text", "nothing", "a text")
    return data


def tree_digest(folder: Path) -> str:
    """Hex over names, kinds, executable bits and bytes of a folder."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        whole.update(path.relative_to(folder).as_posix().encode("utf-8", "surrogateescape") + b"\0")
        if path.is_symlink():
            whole.update(b"link" + str(path.readlink()).encode("utf-8", "surrogateescape"))
        elif path.is_file():
            with path.open("rb") as handle:
                whole.update(f"{path.stat().st_mode & 0o100}".encode() + hashlib.file_digest(handle, "sha256").digest())
    return whole.hexdigest()


def digest(*parts: bytes) -> str:
    """Over all that decides what is asked and how it is judged."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8) + part)
    return f"sha256:{whole.hexdigest()}"
