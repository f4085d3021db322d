"""One change put to the test: its environment, its tests before and after, what they show, and the task that comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import TaskError
from harness.core.machine import Ended
from task_repos.mine_allow import allowed
from task_repos.mine_change import Change, is_graded
from task_repos.mine_checks import FILE, checks
from task_repos.mine_draft import drafts
from task_repos.mine_ground import Grounds, Known
from task_repos.mine_manifest import Examined, Reason
from task_repos.mine_patch import binary, patch
from task_repos.mine_runs import RUNS, Bench, Ground, Ran, Sorted, Tree, command, run, sort
from task_repos.mine_structure import Demands, derive
from task_repos.mine_task import Draft, day, write
from task_repos.mirrors import Snapshot, TreeFile

MOST_BYTES: Final = 2 << 20
SAID: Final = 600

Version = Callable[[str], Snapshot]


class Rejected(Exception):
    """A change that is no task, with the reason and what was seen."""

    def __init__(self, reason: Reason, detail: str = "", flaky: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.detail, self.flaky = reason, " ".join(detail.split())[-SAID:], flaky


class Pit(msgspec.Struct, frozen=True):
    """Where mining happens: `version` gives the tree of a version, `test` the command, `source` what tasks are to be called."""

    version: Version
    grounds: Grounds
    bench: Bench
    test: str
    source: str


class Sides(msgspec.Struct, frozen=True):
    """Both versions with the tests of the one after and the structural checks laid over; `hidden` is the text of the checks or empty."""

    before: Tree
    after: Tree
    hidden: str


def examine(change: Change, pit: Pit, folder: Path) -> Examined:
    """What becomes of a change that nothing speaks against yet; a task is written into `folder`. Raises MissingError, SandboxError."""
    start = time.monotonic()
    told = Examined(change.key, change.unit, change.title, day(change.date), len(change.sources), 0.0)
    try:
        kind, found = attempt(change, pit, folder)
    except Rejected as fault:
        told = msgspec.structs.replace(told, reason=fault.reason, detail=fault.detail, flaky=fault.flaky)
    except TaskError as fault:
        told = msgspec.structs.replace(told, reason=Reason.UNFIT, detail=str(fault)[:SAID])
    else:
        told = msgspec.structs.replace(
            told, kind=kind, task=change.name, fail_to_pass=len(found.fail_to_pass), pass_to_pass=len(found.pass_to_pass), flaky=len(found.flaky),
        )  # fmt: skip
    return msgspec.structs.replace(told, seconds=round(time.monotonic() - start, 2))


def attempt(change: Change, pit: Pit, folder: Path) -> tuple[str, Sorted]:
    """Kind and ids of a task that is written now; raises Rejected, TaskError."""
    before, after = pit.version(change.before), pit.version(change.after)
    old, new = ({file.path: file for file in one.files} for one in (before, after))
    if not any(is_graded(path) and path.endswith(".py") for path in new):
        raise Rejected(Reason.UNTESTED)
    if found := binary(change, (old, new)):
        raise Rejected(Reason.BINARY, ", ".join(found))
    diff = patch(change, old, new)
    if len(diff) > MOST_BYTES:
        raise Rejected(Reason.LARGE, f"{len(diff)} bytes")
    demands = derive(contents(old), contents(new))
    sides = laid(old, new, checks(demands) if demands.telling else "")
    known = pit.grounds.known(before, after)
    kind, ids = sifted(tested(grounded(pit, known, before), pit, sides))
    hidden = sides.hidden if kind == "refactoring" else ""
    write(folder, Draft(
        change=change, before=before, graded={path: file for path, file in new.items() if is_graded(path)}, environment=known.environment,
        requests=drafts(change, (contents(old), contents(new)), kept(demands, ids) if hidden else None), patch=diff, allow=allowed(change, old, new), checks=hidden,
        ids=(ids.fail_to_pass, ids.pass_to_pass), test=pit.test, source=pit.source, deadline=pit.bench.deadline,
    ))  # fmt: skip
    return kind, ids


def grounded(pit: Pit, known: Known, before: Snapshot) -> Ground:
    try:
        return pit.grounds.ground(known, before)
    except TaskError as fault:
        raise Rejected(Reason.ENVIRONMENT, str(fault)) from fault


def contents(tree: Tree) -> dict[str, bytes]:
    return {path: file.data for path, file in tree.items()}


def laid(old: Tree, new: Tree, hidden: str) -> Sides:
    """The versions as they are graded: what belongs to the tests comes from the one after."""
    extra = {FILE: TreeFile(FILE, 0o100644, hidden.encode())} if hidden else {}
    tests = {path: file for path, file in new.items() if is_graded(path)}
    return Sides({path: file for path, file in old.items() if not is_graded(path)} | tests | extra, {**new, **extra}, hidden)


def tested(ground: Ground, pit: Pit, sides: Sides) -> tuple[tuple[Ran, ...], tuple[Ran, ...]]:
    """Three runs of each version, after and before; the second and third only where the first show something. Raises Rejected."""
    words = command(pit.test, structural=bool(sides.hidden))
    after = once(ground, pit, sides.after, words)
    if not any(not name.startswith(FILE) for name in after.passing()):
        raise Rejected(Reason.AFTER, after.log or "no test ran")
    before = once(ground, pit, sides.before, words)
    first = sort((after,), (before,))
    if not first.pass_to_pass:
        raise Rejected(Reason.BEFORE, before.log or "no test ran")
    if not first.fail_to_pass:
        raise Rejected(Reason.NO_CHECK, after.log)
    more = range(RUNS - 1)
    return (after, *(once(ground, pit, sides.after, words) for _ in more)), (before, *(once(ground, pit, sides.before, words) for _ in more))


def once(ground: Ground, pit: Pit, tree: Tree, words: str) -> Ran:
    ran = run(ground, pit.bench, tree, words)
    if ran.ended is Ended.DEADLINE:
        raise Rejected(Reason.SLOW, f"more than {pit.bench.deadline:g} s; the end of what was said: {ran.log}")
    return ran


def sifted(runs: tuple[tuple[Ran, ...], tuple[Ran, ...]]) -> tuple[str, Sorted]:
    """Behaviour where a test of the project shows the change, else a refactoring shown by structural checks. Raises Rejected."""
    found = sort(*runs)
    goal = tuple(name for name in found.fail_to_pass if not name.startswith(FILE))
    kind = "behaviour" if goal else "refactoring"
    keep = tuple(name for name in found.pass_to_pass if not name.startswith(FILE))
    if not found.fail_to_pass or not keep:
        raise Rejected(Reason.FLAKY, ", ".join(found.flaky[:5]), len(found.flaky))
    return kind, Sorted(goal or found.fail_to_pass, keep, found.flaky)


def kept(demands: Demands, found: Sorted) -> Demands:
    """The demands that checks were seen to tell: only these are asked for."""
    ids = set(found.fail_to_pass)
    return Demands(**{
        kind: tuple(fact for fact in getattr(demands, kind) if f"{FILE}::test_{kind}[{':'.join(str(word) for word in fact)}]" in ids)
        for kind in Demands.__struct_fields__
    })  # fmt: skip
