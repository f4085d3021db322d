"""Whether a machine is ready for its agent: a task's own command, asked until it ends well or has failed too often."""

from __future__ import annotations

from harness.core.machine import Ended
from harness.core.phases import Health
from harness.core.ports import Sandbox
from harness.engine.world import Clock

LONGEST_S = 3600.0
"""An interval of a task's own must not hold a trial for longer than this."""


def trouble(health: Health, sandbox: Sandbox, clock: Clock) -> str:
    """A sentence, or "" once the command ended with 0. A command that hangs is trouble at once, as in Harbor. Raises SandboxError."""
    began, failures = clock.now(), 0
    while clock.now() - began < LONGEST_S:
        done = sandbox.exec((sandbox.facts.shell or "sh", "-c", health.command), deadline=health.deadline)
        if done.ended is not Ended.EXITED:
            return f"the health check ended by {done.ended} after {done.seconds:.0f} s"
        if done.exit_code == 0:
            return ""
        starting = clock.now() - began < health.start_period
        failures += not starting
        if failures >= health.retries:
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()[-200:]
            return f"the health check failed {failures} times, the last with exit status {done.exit_code}{f': {said}' if said else ''}"
        clock.sleep(health.start_interval if starting else health.interval)
    return f"the health check did not come to an end in {LONGEST_S:.0f} s"
