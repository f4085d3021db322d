"""A complete Harbor task from the user's own repository at a commit, with its tests run once at base to learn what they say."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from harness.core.errors import TaskError
from harness.core.machine import Exec
from harness.core.ports import Images, Order, Sandboxes, Say
from harness.core.task import ImageBuild, Place
from harness.core.trial import TestResult
from task_repos.folder import read_task
from task_repos.harbor_files import read_text
from task_repos.mirrors import Snapshot, open_repo, snapshot, write_tree
from task_repos.new_environment import WORKDIR, dockerfile, needs, with_base_commit, workdir_of
from task_repos.new_grade import CHECK, AtBase, at_base, grade_command, graded_paths, runs_pytest, uncollected

REPORT: Final = "/logs/verifier/report.xml"
LOG_LINES: Final = 30
SAID_LINES: Final = 5

ReadReport = Callable[[bytes], Iterable[TestResult]]


class Wanted(msgspec.Struct, frozen=True):
    """What the user asks for: paths, commands for the shell, `base` a revision, `deadline` seconds for one run of all tests."""

    repo: Path
    ask: Path
    test: str
    to: Path
    base: str = "HEAD"
    check: str = ""
    dockerfile: Path | None = None
    created: str = ""
    deadline: float = 600


class Workshop(msgspec.Struct, frozen=True):
    """Where the tests run at base; `read_report` reads JUnit."""

    images: Images
    sandboxes: Sandboxes
    read_report: ReadReport


class Made(msgspec.Struct, frozen=True):
    """What came of it. `failing` ids fail at base and count for nothing; `log` is the end of the run's output where something failed."""

    id: str
    folder: str
    commit: str
    files: int
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    failing: tuple[str, ...]
    regression_only: bool
    warnings: tuple[str, ...]
    log: str = ""


class Trunk(msgspec.Struct, frozen=True):
    """The task under construction in `folder`."""

    folder: Path
    wanted: Wanted
    tree: Snapshot
    workdir: str

    @property
    def content(self) -> dict[str, bytes]:
        return {file.path: file.data for file in self.tree.files}


def make(wanted: Wanted, shop: Workshop, say: Say) -> Made:
    """Write the task folder `wanted.to`, whole or not at all. Raises TaskError, MissingError, SandboxError."""
    to = wanted.to.absolute()
    if to.exists() or to.is_symlink():
        raise TaskError(str(to), "--to", "an existing path", "a folder that is not there yet")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", to.name):
        raise TaskError(str(to), "--to", repr(to.name), "a name of letters, digits, dots, dashes, underscores: it is the task's id")
    with parents(to), tempfile.TemporaryDirectory(prefix=f".{to.name}.", dir=to.parent) as room:
        folder = Path(room) / to.name
        folder.mkdir()
        made = build(folder, wanted, shop, say)
        folder.rename(to)
    return msgspec.structs.replace(made, folder=str(to))


@contextmanager
def parents(to: Path) -> Iterator[None]:
    """The folders above, made where they are missing; what was made goes again when nothing came to lie in it. Raises TaskError."""
    made = [folder for folder in to.parents if not folder.exists()]
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise TaskError(str(to), "--to", str(fault), "a place where a folder can be made") from fault
    try:
        yield
    finally:
        for folder in made if not to.exists() else []:
            folder.rmdir()


def build(folder: Path, wanted: Wanted, shop: Workshop, say: Say) -> Made:
    """Everything in the temporary folder: request, environment, one run at base, grading."""
    ask = read_text(wanted.ask, "--ask")
    if not ask.strip():
        raise TaskError(str(wanted.ask), "--ask", "an empty text", "a request")
    repo = open_repo(wanted.repo)
    try:
        tree = snapshot(repo, wanted.base)
    finally:
        repo.close()
    (folder / "instruction.md").write_text(ask, encoding="utf-8")
    trunk = Trunk(folder, wanted, tree, lay_environment(folder, wanted, tree))
    say(f"{len(tree.files)} tracked files of {tree.commit[:12]}; building the environment and running the tests at base")
    return grade(trunk, shop, say)


def lay_environment(folder: Path, wanted: Wanted, tree: Snapshot) -> str:
    """Tree and Dockerfile; the workdir."""
    context = folder / "environment"
    context.mkdir()
    if wanted.dockerfile is None:
        (context / "repo").mkdir()
        write_tree(tree, context / "repo")
        text = dockerfile(needs({file.path: file.data for file in tree.files}), tree.date)
        (context / "Dockerfile").write_text(text, encoding="utf-8")
        return WORKDIR
    given = read_text(wanted.dockerfile, "--dockerfile")
    write_tree(tree, context)
    (context / "Dockerfile").write_text(with_base_commit(given, tree.date), encoding="utf-8")
    return workdir_of(given, str(wanted.dockerfile))


def grade(trunk: Trunk, shop: Workshop, say: Say) -> Made:
    """Run the commands as they are now, and write down what must stay and what must come."""
    wanted = trunk.wanted
    found, log = run(trunk, ("--test", grade_command(wanted.test)), shop, say)
    checked, goal = AtBase((), (), ()), tuple[str, ...]()
    if wanted.check:
        checked, more = run(trunk, ("--check", grade_command("", wanted.check)), shop, say)
        log = f"{log}\n{more}".strip()
        goal = (CHECK,) if uncollected(checked.failing) else checked.failing
    if not found.passing and not goal:
        raise TaskError(str(wanted.repo), "--test", f"no passing test at base: {log or 'no output'}", "tests that run at base")
    keep = tuple(name for name in found.passing if name not in goal)
    alone = set(goal) <= set(found.failing)
    command = grade_command(wanted.test, "" if alone else wanted.check, by_status=goal == (CHECK,))
    write_grade(trunk, command, (goal, keep), graded_paths((*goal, *keep, *checked.passing, *checked.failing), trunk.content))
    read_task(trunk.folder, {}, "harbor")  # what is handed over can be read, or its complaint is raised now
    return Made(
        id=trunk.folder.name, folder="", commit=trunk.tree.commit, files=len(trunk.tree.files), fail_to_pass=goal, pass_to_pass=keep,
        failing=tuple(name for name in found.failing if name not in goal), regression_only=not goal,
        warnings=tuple(warnings(trunk, found, goal)), log=log,
    )  # fmt: skip


def run(trunk: Trunk, given: tuple[str, str], shop: Workshop, say: Say) -> tuple[AtBase, str]:
    """The results at base, and the end of the output where something failed. `given`: the option and what it makes the shell run.

    Raises TaskError when no test ran.
    """
    option, command = given
    place = Place(image=ImageBuild(str(trunk.folder / "environment"), foreign=False), workdir=trunk.workdir)
    image = shop.images.prepare(place, say)
    with shop.sandboxes.open(Order(image, place, (("purpose", "new"),))) as sandbox:
        done = sandbox.exec(("sh", "-c", command), deadline=trunk.wanted.deadline, environment={"LONGHAUL_REPORT": REPORT})
        log = "\n".join((done.stdout + done.stderr).decode("utf-8", "replace").splitlines()[-LOG_LINES:])
        try:
            results = tuple(shop.read_report(sandbox.read(PurePosixPath(REPORT))))
        except (OSError, ValueError) as fault:
            raise nothing(trunk, option, done, "no report") from fault
    if not results:
        raise nothing(trunk, option, done, "no test ran")
    status = at_base(results, trunk.content)
    return status, log if status.failing or not status.passing else ""


def nothing(trunk: Trunk, option: str, done: Exec, what: str) -> TaskError:
    """A command that ran no test says nothing of base: it must not pass for one whose tests all pass."""
    said = [line for line in (done.stdout + done.stderr).decode("utf-8", "replace").splitlines() if line.strip()]
    ended = "" if done.ended == "exited" else f", {done.ended}"
    found = f"{what} (exit {done.exit_code}{ended}): {'; '.join(said[-SAID_LINES:]) or 'no output'}"
    return TaskError(str(trunk.wanted.repo), option, found, "tests that run at base; only tracked files are there, so a test must be committed")


def write_grade(trunk: Trunk, command: str, ids: tuple[tuple[str, ...], tuple[str, ...]], graded: tuple[str, ...]) -> None:
    """task.toml, tests/longhaul.toml, `ids` (FAIL_TO_PASS, PASS_TO_PASS), the graded files, and test.sh for Harbor itself."""
    goal, keep = ids
    tests = trunk.folder / "tests"
    tests.mkdir()
    content = trunk.content
    for name in graded:
        path = tests / "graded" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content[name])
    (tests / "ids.json").write_text(json.dumps({"fail_to_pass": goal, "pass_to_pass": keep}, indent=1) + "\n", encoding="utf-8")
    (tests / "longhaul.toml").write_text(longhaul_toml(trunk, command, bool(graded), bool(goal)), encoding="utf-8")
    (tests / "test.sh").write_text(test_script(trunk, command, bool(graded)), encoding="utf-8")
    (tests / "test.sh").chmod(0o755)
    shutil.copyfile(Path(__file__).with_name("new_verdict.py"), tests / "verdict.py")
    (trunk.folder / "task.toml").write_text(task_toml(trunk), encoding="utf-8")


def longhaul_toml(trunk: Trunk, command: str, graded: bool, goal: bool) -> str:
    lines = [
        "format = 1", "", "[grade]", *(['files = { "tests/graded" = "." }'] if graded else []),
        f"command = {json.dumps(command)}", 'format = "junit"', 'ids = "tests/ids.json"', f"deadline = {trunk.wanted.deadline}",
        *([] if goal else ["# No check that fails at base was given: passing says that nothing broke, not that anything was solved.",
                           "regression_only = true"]),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def test_script(trunk: Trunk, command: str, graded: bool) -> str:
    """What Harbor runs: the same command, and 1 where every id passes."""
    return "\n".join((
        "#!/bin/sh", 'here="$(cd "$(dirname "$0")" && pwd)"', f"cd {trunk.workdir} || exit 1",
        *(['cp -R "$here/graded/." .'] if graded else []), f"export LONGHAUL_REPORT={REPORT}", command,
        'python3 "$here/verdict.py" "$here/ids.json" "$LONGHAUL_REPORT" > /logs/verifier/reward.txt', "",
    ))  # fmt: skip


test_script.__test__ = False  # type: ignore[attr-defined]


def task_toml(trunk: Trunk) -> str:
    wanted = trunk.wanted
    python = any(file.path.endswith(".py") for file in trunk.tree.files)
    return "\n".join((
        'schema_version = "1.4"', "", "[metadata.longhaul]", "format = 1", 'file = "tests/longhaul.toml"',
        f"language = {json.dumps('python' if python else '')}", f"created = {json.dumps(wanted.created)}", 'source = "private"',
        f"test_command = {json.dumps(wanted.test)}", "", "[environment]", 'network_mode = "no-network"',
        f"workdir = {json.dumps(trunk.workdir)}", "",
    ))  # fmt: skip


def warnings(trunk: Trunk, found: AtBase, goal: tuple[str, ...]) -> Iterable[str]:
    """What the user should know: content that is not there, tests that count for nothing, a check that says nothing."""
    if trunk.tree.submodules:
        yield f"submodules are left out: {', '.join(trunk.tree.submodules)}"
    if trunk.tree.lfs:
        yield f"git LFS files are pointers only: {', '.join(trunk.tree.lfs)}"
    left = [name for name in found.failing if name not in goal]
    if left:
        yield f"{len(left)} tests fail at base and are not graded: {', '.join(left[:5])}{' ...' if len(left) > 5 else ''}"
    if found.twice:
        yield f"{len(found.twice)} names that several tests share are not graded: {', '.join(found.twice[:5])}"
    if uncollected(found.failing):
        yield "a file of --test can't be imported at base, so nothing in it guards what works today: leave it out of --test (--ignore=FILE)"
    if goal == (CHECK,) and runs_pytest(trunk.wanted.check):
        yield "a file of --check can't be imported at base, so its tests have no names yet: the check is graded by its exit status"
    if trunk.wanted.check and not goal:
        yield "the check passes at base already: regression only"
    elif not goal:
        yield "no check was given: regression only"
    if not runs_pytest(trunk.wanted.test):
        yield "the test command does not run pytest itself: it is graded by its exit status alone"
