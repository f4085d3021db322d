"""Runs the repository's visible tests, from its root and apart from the keeping shell."""

from __future__ import annotations

import msgspec

from agents.prose import described
from agents.tools.arguments import Arguments
from agents.tools.border import cross, failed
from agents.tools.clip import clip
from agents.tools.ending import ending
from harness.core.chat import ToolCall, ToolSpec
from harness.core.errors import PlanError
from harness.core.machine import Ended
from harness.core.ports import Sandbox, Tool, ToolResult

HINT = "run single tests with `shell` to see the rest"


class RunTests(msgspec.Struct, frozen=True):
    """`command` in the image's shell; `seconds` it may take."""

    spec: ToolSpec
    command: str
    seconds: int

    def run(self, call: ToolCall, sandbox: Sandbox) -> ToolResult:
        return cross(call, self.spec, lambda arguments: self._act(arguments, sandbox))

    def _act(self, _arguments: Arguments, sandbox: Sandbox) -> ToolResult:
        if not self.command:
            return failed("No test command is named for this task; look for tests in the repository and run them with `shell`.")
        # One stream, so that errors stand where they happened.
        argv = (sandbox.facts.shell or "sh", "-c", f"exec 2>&1\n{self.command}")
        ran = sandbox.exec(argv, deadline=float(self.seconds))
        shown = clip(ran.stdout, hint=HINT, total=ran.stdout_total).rstrip("\n")
        end = ending(ran.ended, exit_code=ran.exit_code, seconds=self.seconds, killed=ran.killed)
        return ToolResult(
            ok=ran.ended is Ended.EXITED,
            text=f"{shown}\n[{end}]" if shown else f"[{end}, no output]",
            full=ran.stdout,
            total=ran.stdout_total,
            exit_code=ran.exit_code,
            ended=ran.ended,
            killed=ran.killed,
        )


def create(*, test_command: str, seconds: int = 600) -> Tool:
    """`test_command` may be empty: then the tool says that none is named. `seconds` for a whole run. Raises PlanError."""
    if seconds < 1:
        raise PlanError("", "run_tests.seconds", str(seconds), "1 or more")
    command = test_command.strip()
    description = described("run_tests").replace("{test_command}", command) if command else described("run_tests_none")
    return RunTests(ToolSpec("run_tests", description), command, seconds)
