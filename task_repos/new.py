"""A complete Harbor task from the user's own repository at a commit, with its tests run once at base to learn what they say."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from harness.core.errors import TaskError
from harness.core.ports import Images, Order, Sandboxes, Say
from harness.core.task import ImageBuild, Place
from harness.core.trial import TestResult
from task_repos.folder import read_task
from task_repos.harbor_files import read_text
from task_repos.mirrors import Snapshot, open_repo, snapshot, write_tree
from task_repos.new_environment import WORKDIR, dockerfile, needs, with_base_commit, workdir_of
from task_repos.new_grade import AtBase, at_base, grade_command, graded_paths, runs_pytest

REPORT: Final = "/logs/verifier/report.xml"
LOG_LINES: Final = 30

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
    if not to.parent.is_dir():
        raise TaskError(str(to), "--to", "no parent folder", f"a folder in an existing one ({to.parent} is not there)")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", to.name):
        raise TaskError(str(to), "--to", repr(to.name), "a name of letters, digits, dots, dashes, underscores: it is the task's id")
    with tempfile.TemporaryDirectory(prefix=f".{to.name}.", dir=to.parent) as room:
        folder = Path(room) / to.name
        folder.mkdir()
        made = build(folder, wanted, shop, say)
        folder.rename(to)
    return msgspec.structs.replace(made, folder=str(to))


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
    found, log = run(trunk, grade_command(wanted.test), shop, say)
    goal: tuple[str, ...] = ()
    if wanted.check:
        checked, more = run(trunk, grade_command("", wanted.check), shop, say)
        goal, log = checked.failing, f"{log}\n{more}".strip()
    if not found.passing and not goal:
        raise TaskError(str(wanted.repo), "--test", f"no passing test at base: {log or 'no output'}", "tests that run at base")
    keep = tuple(name for name in found.passing if name not in goal)
    command = wanted.test if set(goal) <= set(found.failing) else ""
    write_grade(trunk, grade_command(command) if command else grade_command(wanted.test, wanted.check), goal, keep)
    read_task(trunk.folder, {}, "harbor")  # what is handed over can be read, or its complaint is raised now
    return Made(
        id=trunk.folder.name, folder="", commit=trunk.tree.commit, files=len(trunk.tree.files), fail_to_pass=goal, pass_to_pass=keep,
        failing=tuple(name for name in found.failing if name not in goal), regression_only=not goal,
        warnings=tuple(warnings(trunk, found, goal)), log=log,
    )  # fmt: skip


def run(trunk: Trunk, command: str, shop: Workshop, say: Say) -> tuple[AtBase, str]:
    """The results at base, and the end of the output where something failed; raises TaskError when nothing was reported."""
    place = Place(image=ImageBuild(str(trunk.folder / "environment"), foreign=False), workdir=trunk.workdir)
    image = shop.images.prepare(place, say)
    with shop.sandboxes.open(Order(image, place, (("purpose", "new"),))) as sandbox:
        done = sandbox.exec(("sh", "-c", command), deadline=trunk.wanted.deadline, environment={"LONGHAUL_REPORT": REPORT})
        log = "\n".join((done.stdout + done.stderr).decode("utf-8", "replace").splitlines()[-LOG_LINES:])
        try:
            results = tuple(shop.read_report(sandbox.read(PurePosixPath(REPORT))))
        except (OSError, ValueError) as fault:
            found = f"no report, exit status {done.exit_code}, {done.ended}: {log or 'no output'}"
            raise TaskError(str(trunk.wanted.repo), "--test", found, "tests that run at base") from fault
    status = at_base(results, trunk.content)
    return status, log if status.failing or not status.passing else ""


def write_grade(trunk: Trunk, command: str, goal: tuple[str, ...], keep: tuple[str, ...]) -> None:
    """task.toml, tests/longhaul.toml, ids, the graded files, and test.sh for Harbor itself."""
    tests = trunk.folder / "tests"
    tests.mkdir()
    content = trunk.content
    graded = graded_paths((*goal, *keep), content)
    for name in graded:
        path = tests / "graded" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content[name])
    ids = {"fail_to_pass": goal, "pass_to_pass": keep}
    (tests / "ids.json").write_text(json.dumps(ids, indent=1) + "\n", encoding="utf-8")
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
    if trunk.wanted.check and not goal:
        yield "the check passes at base already: regression only"
    elif not goal:
        yield "no check was given: regression only"
    if not runs_pytest(trunk.wanted.test):
        yield "the test command does not run pytest itself: it is graded by its exit status alone"
