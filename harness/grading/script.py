"""Grading by a task's own script, whose reward is believed: files to /tests, the script, then the reward file."""

from __future__ import annotations

from pathlib import PurePosixPath

from harness.core.machine import Ended, Exec
from harness.core.ports import Patch, Sandbox
from harness.core.task import RewardScript
from harness.grading import reward
from harness.grading.desk import Desk


def grade(check: RewardScript, patch: Patch, desk: Desk) -> None:
    """Phases apply, test, read. Raises SandboxError."""
    if not desk.applied(patch):
        return
    desk.sandbox.exec(("sh", "-c", "rm -rf /tests/* /logs/verifier/*"), deadline=60)
    desk.lay(check.files, "/tests")
    script = f"chmod +x /tests/{check.script}; (/tests/{check.script})"
    done = desk.sandbox.exec(("bash", "-c", script), deadline=check.deadline, environment=dict(check.environment))
    desk.hush()
    desk.said("test", done)
    figure, detail = _figure(desk.sandbox, done)
    desk.note("read", ok=figure is not None, reward=figure, detail=detail)


def _figure(sandbox: Sandbox, done: Exec) -> tuple[float | None, str]:
    if done.ended is not Ended.EXITED:
        return None, f"the test script ended by {done.ended}; a reward written before does not count"
    try:
        return reward.one(reward.from_json(sandbox.read(PurePosixPath("/logs/verifier/reward.json")))), ""
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as fault:
        return None, str(fault)
    try:
        return reward.from_text(sandbox.read(PurePosixPath("/logs/verifier/reward.txt"))), ""
    except FileNotFoundError:
        return None, "the test script wrote no reward"
    except (OSError, ValueError) as fault:
        return None, str(fault)
