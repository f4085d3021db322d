"""The folder of a mined task: a complete Harbor task with the version before, hidden tests of the version after, and the real patch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final, Literal

import msgspec

from task_repos.folder import read_task
from task_repos.mine_change import Change
from task_repos.mine_checks import items
from task_repos.mine_reading import TEST_FOLDERS
from task_repos.mine_runs import Tree, command
from task_repos.mirrors import Snapshot, write_tree

PATCH: Final = "change.patch"
SOLVE: Final = """#!/bin/sh
# Applies the project's own change to the work tree.
set -e
here="$(cd "$(dirname "$0")" && pwd)"
cd {workdir}
git apply --binary --whitespace=nowarn "$here/{patch}"
"""


class Environment(msgspec.Struct, frozen=True):
    """What the image is built from beside the version before: `text` of the Dockerfile, further `files` of the context, where the tree goes."""

    text: str
    files: dict[PurePosixPath, str]
    tree: Literal["repo", "."]
    workdir: str


class Draft(msgspec.Struct, frozen=True):
    """A task before it is written: `test` the visible command, `allow` files that steer a run and may change, `checks` the text of the structural test file or empty, `ids` FAIL_TO_PASS and PASS_TO_PASS."""

    change: Change
    before: Snapshot
    graded: Tree
    environment: Environment
    requests: tuple[str, ...]
    patch: bytes
    allow: tuple[str, ...]
    checks: str
    ids: tuple[tuple[str, ...], tuple[str, ...]]
    test: str
    source: str
    deadline: float


def write(folder: Path, draft: Draft) -> None:
    """Everything below `folder`, which is there and empty. Raises TaskError for what the reader would refuse."""
    lay_context(folder / "environment", draft.environment, draft.before)
    for number, text in enumerate(draft.requests, 1):
        path = folder / "steps" / f"stage-{number}" / "instruction.md" if len(draft.requests) > 1 else folder / "instruction.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
    lay_tests(folder / "tests", draft)
    solution = folder / "solution"
    solution.mkdir()
    (solution / PATCH).write_bytes(draft.patch)
    executable(solution / "solve.sh", SOLVE.format(workdir=draft.environment.workdir, patch=PATCH))
    (folder / "task.toml").write_text(task_toml(draft), encoding="utf-8")
    read_task(folder, {}, "mined")


def lay_context(context: Path, environment: Environment, before: Snapshot) -> None:
    """The build context in a folder that is not there yet. Raises TaskError for a tree that leaves its folder."""
    root = context / environment.tree
    root.mkdir(parents=True)
    write_tree(before, root)
    for name, text in environment.files.items():
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text(text, encoding="utf-8")
    (context / "Dockerfile").write_text(environment.text, encoding="utf-8")


def lay_tests(tests: Path, draft: Draft) -> None:
    tests.mkdir()
    if draft.graded:
        (tests / "graded").mkdir()
        write_tree(Snapshot(draft.change.after, 0, tuple(draft.graded.values()), (), ()), tests / "graded")
    if draft.checks:
        (tests / "hidden").mkdir()
        (tests / "hidden" / "test_structure.py").write_text(draft.checks, encoding="utf-8")
    goal, keep = draft.ids
    (tests / "ids.json").write_text(json.dumps({"fail_to_pass": goal, "pass_to_pass": keep}, indent=1) + "\n", encoding="utf-8")
    (tests / "longhaul.toml").write_text(longhaul_toml(draft), encoding="utf-8")
    executable(tests / "test.sh", test_script(draft))
    shutil.copyfile(Path(__file__).with_name("new_verdict.py"), tests / "verdict.py")


def executable(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def longhaul_toml(draft: Draft) -> str:
    """How it is graded; items where structural checks are."""
    files = {"tests/graded": "."} if draft.graded else {}
    files |= {"tests/hidden": "tests/hidden"} if draft.checks else {}
    table = ", ".join(f"{json.dumps(name)} = {json.dumps(where)}" for name, where in files.items())
    lines = [
        "format = 1", "", "[grade]", f"files = {{ {table} }}", f"replaced = {json.dumps(sorted(replaced(draft)))}",
        f"command = {quoted(command(draft.test, structural=bool(draft.checks)))}", 'format = "junit"', 'ids = "tests/ids.json"',
        f"allow = {json.dumps(draft.allow)}", f"deadline = {draft.deadline}",
    ]  # fmt: skip
    for name, weight, select in items(draft.ids[0]) if draft.checks else ():
        lines += ["", "[[item]]", f"id = {quoted(name)}", f"weight = {weight}", "select = [", *(f"  {quoted(one)}," for one in select), "]"]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A TOML string: JSON's own form is one."""
    return json.dumps(text, ensure_ascii=False)


def replaced(draft: Draft) -> Iterable[str]:
    """Whole folders of tests: nothing that lies there before stays, since all that belongs there comes from the version after."""
    found = {"tests/hidden"} if draft.checks else set()
    for path in draft.graded:
        parts = PurePosixPath(path).parts
        at = next((number for number, part in enumerate(parts[:-1]) if part in TEST_FOLDERS), None)
        if at is not None:
            found.add("/".join(parts[: at + 1]))
    return {one for one in found if not any(one != other and one.startswith(f"{other}/") for other in found)}


def test_script(draft: Draft) -> str:
    """What Harbor runs: the same command over the same files, and 1 where every id passes."""
    copies = [f'rm -rf {" ".join(sorted(replaced(draft)))}'] if list(replaced(draft)) else []
    copies += ['cp -R "$here/graded/." .'] if draft.graded else []
    copies += ['mkdir -p tests && cp -R "$here/hidden" tests/hidden'] if draft.checks else []
    return "\n".join((
        "#!/bin/sh", 'here="$(cd "$(dirname "$0")" && pwd)"', f"cd {draft.environment.workdir} || exit 1", *copies,
        "export LONGHAUL_REPORT=/logs/verifier/report.xml", command(draft.test, structural=bool(draft.checks)),
        'python3 "$here/verdict.py" "$here/ids.json" "$LONGHAUL_REPORT" > /logs/verifier/reward.txt', "",
    ))  # fmt: skip


test_script.__test__ = False  # type: ignore[attr-defined]


def task_toml(draft: Draft) -> str:
    lines = [
        'schema_version = "1.4"', "", "[metadata.longhaul]", "format = 1", 'file = "tests/longhaul.toml"', 'language = "python"',
        f"created = {quoted(day(draft.change.date))}", f"source = {quoted(draft.source)}", f"test_command = {quoted(draft.test)}", "",
        "[environment]", 'network_mode = "no-network"', f"workdir = {quoted(draft.environment.workdir)}", "",
    ]  # fmt: skip
    if len(draft.requests) > 1:
        lines += [line for number in range(1, len(draft.requests) + 1) for line in ("[[steps]]", f'name = "stage-{number}"', "")]
    return "\n".join(lines)


def day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""

