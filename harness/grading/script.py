"""Grading by a task's own script, whose reward is believed: files to /tests, the script, then the reward file."""

from __future__ import annotations

from pathlib import PurePosixPath

from harness.core.errors import TaskError
from harness.core.events import ResourcesSeen, SandboxOpened
from harness.core.machine import Ended, Exec
from harness.core.ports import Blobs, GradeOrder, Order, Patch, Record, Sandbox, Sandboxes
from harness.core.task import RewardScript
from harness.grading import reward
from harness.grading.desk import QUICK_S, Desk

EMPTIED = "for at in {folders}; do rm -rf -- $at/* $at/.[!.]* $at/..?*; done"
REWARDS = PurePosixPath("/logs/verifier")


def examine(order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
    """Every phase goes on record. Raises SandboxError, and TaskError for another check."""
    check = order.task.check
    if not isinstance(check, RewardScript):
        raise TaskError(order.task.id, "check", type(check).__name__, "a reward script")
    opened = Order(order.image, order.task.place, (*order.labels, ("purpose", "grading")), order.carried)
    with sandboxes.open(opened) as sandbox:
        record(SandboxOpened("grading", sandbox.facts))
        grade(check, order.patch, Desk(sandbox, blobs, record, mode(check), order.step))
        record(ResourcesSeen(sandbox.resources()))


def mode(check: RewardScript) -> str:
    """As GradeRan names it."""
    return "separate" if check.separate else "shared" if check.shared else "fresh"


def grade(check: RewardScript, patch: Patch, desk: Desk) -> None:
    """Phases apply, test, read. Raises SandboxError."""
    if desk.mode != "fresh":
        desk.note("apply", ok=True, detail="the agent's own machine" if desk.mode == "shared" else "artifacts alone")
    elif not desk.applied(patch):
        return
    _cleared(check, desk)
    # A script without an interpreter is run by the shell itself, as any shell does it.
    script = f"chmod +x /tests/{check.script} 2>/dev/null; (/tests/{check.script})"
    shell = desk.sandbox.facts.shell or "bash"
    done = desk.sandbox.exec((shell, "-c", script), deadline=check.deadline, environment=dict(check.environment))
    desk.hush()
    desk.said("test", done)
    rewards, detail = _read(desk.sandbox, done)
    figure, why = _figure(rewards)
    told = "; ".join(word for word in (detail or why, _cause(check) if figure is None else "") if word)
    desk.note("read", ok=figure is not None, reward=figure, rewards=tuple((rewards or {}).items()), detail=told)


def _cleared(check: RewardScript, desk: Desk) -> None:
    """Nothing that lay there before has a say; where the image brings the tests, these stay."""
    folders = f"{REWARDS} /tests" if check.upload else str(REWARDS)
    desk.sandbox.exec(("sh", "-c", EMPTIED.format(folders=folders)), deadline=QUICK_S)
    if check.upload:
        desk.lay(check.files, "/tests")


def _read(sandbox: Sandbox, done: Exec) -> tuple[dict[str, float] | None, str]:
    """Every key of the reward, or None with the reason why there is none."""
    if done.ended is not Ended.EXITED:
        return None, f"the test script ended by {done.ended}; a reward written before does not count"
    try:
        return reward.from_json(sandbox.read(REWARDS / "reward.json")), ""
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as fault:
        return None, str(fault)
    try:
        return {"reward": reward.from_text(sandbox.read(REWARDS / "reward.txt"))}, ""
    except FileNotFoundError:
        return None, f"the test script wrote no reward (exit status {done.exit_code})"
    except (OSError, ValueError) as fault:
        return None, str(fault)


def _figure(rewards: dict[str, float] | None) -> tuple[float | None, str]:
    if rewards is None:
        return None, ""
    try:
        return reward.one(rewards), ""
    except ValueError as fault:
        return None, str(fault)


def _cause(check: RewardScript) -> str:
    """What a look at the script tells of a missing reward."""
    script = next((file.data for file in check.files if file.path == check.script), b"")
    return f"{check.script} has Windows line ends, which its interpreter can't run" if b"\r\n" in script.split(b"\n", 1)[0] + b"\n" else ""
