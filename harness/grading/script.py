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
from harness.grading.scan import Sought, scanned

EMPTIED = "for at in {folders}; do rm -rf -- $at/* $at/.[!.]* $at/..?*; done"
KILLED = range(129, 193)
"""Exit statuses that tell of a signal: whoever sent it may have written the reward before."""
REWARDS = PurePosixPath("/logs/verifier")


def examine(order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
    """Every phase goes on record. Raises SandboxError, and TaskError for another check."""
    check = order.task.check
    if not isinstance(check, RewardScript):
        raise TaskError(order.task.id, "check", type(check).__name__, "a reward script")
    opened = Order(order.image, order.task.place, (*order.labels, ("purpose", "grading")), order.carried)
    with sandboxes.open(opened) as sandbox:
        record(SandboxOpened("grading", sandbox.facts))
        desk = Desk(sandbox, blobs, record, mode(check), order.step)
        grade(check, order.patch, desk, scanned(_sought(order, check), order.patch, sandbox) if desk.mode == "fresh" else ())
        record(ResourcesSeen(sandbox.resources()))


def mode(check: RewardScript) -> str:
    """As GradeRan names it."""
    return "separate" if check.separate else "shared" if check.shared else "fresh"


def _sought(order: GradeOrder, check: RewardScript) -> Sought:
    """No test has a name here; the files that are laid in are what only the tests know."""
    return Sought((), check.files, tuple(f"/tests/{file.path}" for file in check.files), order.task.brief.requests)


def grade(check: RewardScript, patch: Patch, desk: Desk, evidence: tuple[str, ...] = ()) -> None:
    """Phases apply, test, scan (with the `evidence` found in the work before it was laid in), read. Raises SandboxError."""
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
    if desk.mode == "fresh":
        desk.note("scan", ok=not evidence, evidence=evidence)
    rewards, detail = _read(check, desk.sandbox, done)
    figure, why = _figure(rewards)
    told = "; ".join(word for word in (detail or why, _cause(check) if figure is None else "") if word)
    desk.note("read", ok=figure is not None, reward=figure, rewards=tuple((rewards or {}).items()), detail=told)


def _cleared(check: RewardScript, desk: Desk) -> None:
    """Nothing that lay there before has a say; where the image brings the tests, these stay."""
    folders = f"{REWARDS} /tests" if check.upload else str(REWARDS)
    desk.sandbox.exec(("sh", "-c", EMPTIED.format(folders=folders)), deadline=QUICK_S)
    if check.upload:
        desk.lay(check.files, "/tests")


def _read(check: RewardScript, sandbox: Sandbox, done: Exec) -> tuple[dict[str, float] | None, str]:
    """Every key of the reward, or None with the reason why there is none."""
    if done.ended is not Ended.EXITED:
        return None, f"the test script ended by {done.ended}; a reward written before does not count"
    if done.exit_code in KILLED:
        return None, f"the test script was killed (exit status {done.exit_code}); a reward written before does not count"
    readers = (("reward.json", reward.from_json), ("reward.txt", lambda data: {"reward": reward.from_text(data)}))
    there = []
    for name, read in readers:
        try:
            data = sandbox.read(REWARDS / name)
            if _spoken_of(name, check):
                return read(data), ""
            there.append(name)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as fault:
            return None, str(fault)
    foreign = f"; none of the task's files names {' or '.join(there)}, which is there" if there else ""
    return None, f"the test script wrote no reward (exit status {done.exit_code}){foreign}"


def _spoken_of(name: str, check: RewardScript) -> bool:
    """A reward in a file that nothing of the task names, while it names the other, is not the script's: code under test can write there, too."""
    other = {"reward.json": b"reward.txt", "reward.txt": b"reward.json"}[name]
    told = [file.data for file in check.files]
    return not check.upload or any(name.encode() in data for data in told) or not any(other in data for data in told)


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
