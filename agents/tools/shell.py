"""Runs a command in the shell that keeps its directory and variables."""

from __future__ import annotations

import msgspec

from agents.prose import described
from agents.tools.arguments import Arguments
from agents.tools.border import cross, unfit
from agents.tools.clip import clip
from agents.tools.ending import ending
from harness.core.chat import Parameter, ToolCall, ToolSpec
from harness.core.errors import PlanError
from harness.core.events import ShellState
from harness.core.machine import Ended, ShellResult
from harness.core.ports import Sandbox, Tool, ToolResult

HINT = "run the command again with its output in a file and look at parts of it: sed -n '100,200p' FILE"


class Shell(msgspec.Struct, frozen=True):
    """Seconds: the default for 0 and less, and the longest that may be asked for."""

    spec: ToolSpec
    default_seconds: int
    longest_seconds: int

    def run(self, call: ToolCall, sandbox: Sandbox) -> ToolResult:
        return cross(call, self.spec, lambda arguments: self._act(arguments, sandbox))

    def _act(self, arguments: Arguments, sandbox: Sandbox) -> ToolResult:
        command = arguments.text("command")
        if "\0" in command:
            return unfit("`command` holds a NUL character, which no shell takes.")
        if not command.strip():
            return unfit("`command` is empty.")
        asked = arguments.number("seconds")
        seconds = min(asked, self.longest_seconds) if asked > 0 else self.default_seconds
        return _result(sandbox.shell(command, deadline=float(seconds)), seconds)


def create(*, default_seconds: int = 120, longest_seconds: int = 600) -> Tool:
    """Raises PlanError unless 1 <= default <= longest."""
    if not 1 <= default_seconds <= longest_seconds:
        found = f"default {default_seconds}, longest {longest_seconds}"
        raise PlanError("", "shell.default_seconds", found, "1 <= default_seconds <= longest_seconds")
    parameters = (
        Parameter("command", "string", "the command, or a script of several lines"),
        Parameter("seconds", "integer", f"its time limit, at most {longest_seconds}; 0 means {default_seconds}"),
    )
    return Shell(ToolSpec("shell", described("shell"), parameters), default_seconds, longest_seconds)


def _result(ran: ShellResult, seconds: int) -> ToolResult:
    """A command that ran to its end is a call that worked, whatever its exit code."""
    shown = clip(ran.output, hint=HINT, total=ran.total).rstrip("\n")
    return ToolResult(
        ok=ran.ended is Ended.EXITED,
        text=f"{shown}\n[{_status(ran, seconds)}]" if shown else f"[{_status(ran, seconds)}, no output]",
        full=ran.output,
        total=ran.total,
        exit_code=ran.exit_code,
        ended=ran.ended,
        state=ShellState(ran.cwd, ran.state_kept),
        killed=ran.killed,
    )


def _status(ran: ShellResult, seconds: int) -> str:
    end = ending(ran.ended, exit_code=ran.exit_code, seconds=seconds, killed=ran.killed)
    lost = "" if ran.state_kept else "; directory and variables are those from before this command"
    return f"{end}{lost}, in {ran.cwd}"
