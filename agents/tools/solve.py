"""Applies a task's known solution; listed by the oracle alone, and made by wiring for nobody else."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import PurePosixPath

import msgspec

from agents.prose import described
from agents.tools.arguments import Arguments
from agents.tools.border import cross, failed
from agents.tools.clip import clip
from agents.tools.ending import ending
from agents.tools.patching import patched
from harness.core.chat import Parameter, ToolCall, ToolSpec
from harness.core.machine import Ended, Exec
from harness.core.ports import Sandbox, Tool, ToolResult
from harness.core.task import CopiedFile, GoldPatch, Solution, SolveScript, SolveSteps

STEP = Parameter("step", "string", "The step's name.")
HARBOR = PurePosixPath("/solution")
"""Where the format puts the solution."""
ELSEWHERE = PurePosixPath("/tmp/solution")  # noqa: S108  (a disposable container's own)
"""Where it goes when the agent's user may not write there; its scripts' mentions of the first are changed to this."""
MENTION = re.compile(rb"(?<![\w./~-])/solution(?![\w.-])")
HINT = "the whole is in the trial's record"


class Solve(msgspec.Struct, frozen=True):
    spec: ToolSpec
    solution: Solution
    seconds: int

    def run(self, call: ToolCall, sandbox: Sandbox) -> ToolResult:
        return cross(call, self.spec, lambda arguments: self._act(arguments, sandbox))

    def _act(self, arguments: Arguments, sandbox: Sandbox) -> ToolResult:
        match self.solution:
            case SolveScript() as script:
                return _result(_scripted(script, sandbox, self.seconds), self.seconds)
            case SolveSteps(steps):
                known = dict(steps).get(arguments.text("step"))
                return _result(_scripted(known, sandbox, self.seconds), self.seconds) if known else failed("There is no solution of that step.")
            case GoldPatch(diff=diff):
                return _result(patched(diff, sandbox, self.seconds), self.seconds)


def create(*, solution: Solution, seconds: int = 3600) -> Tool:
    """`seconds` the solution may take."""
    parameters = (STEP,) if isinstance(solution, SolveSteps) else ()
    return Solve(ToolSpec("solve", described("solve"), parameters), solution, seconds)


def _scripted(script: SolveScript, sandbox: Sandbox, seconds: int) -> Exec:
    """The folder beside its script, the script run in the workdir, the folder taken away again."""
    folder = _laid_out(script.files, sandbox)
    environment = {"DEBIAN_FRONTEND": "noninteractive", **dict(script.environment)}
    argv = (sandbox.facts.shell or "sh", "-c", 'exec 2>&1\n"$0"', str(folder / script.script))
    ran = sandbox.exec(argv, deadline=float(seconds), environment=environment)
    with suppress(OSError):  # a folder that the image brought along stays
        sandbox.remove(folder)
    return ran


def _laid_out(files: tuple[CopiedFile, ...], sandbox: Sandbox) -> PurePosixPath:
    try:
        for file in files:
            sandbox.write(HARBOR / file.path, file.data, mode=file.mode | 0o100)
    except OSError:
        for file in files:
            moved = MENTION.sub(str(ELSEWHERE).encode(), file.data)
            sandbox.write(ELSEWHERE / file.path, moved, mode=file.mode | 0o100)
        return ELSEWHERE
    return HARBOR


def _result(ran: Exec, seconds: int) -> ToolResult:
    """Unlike a model's command, a solution must also end well to have worked."""
    end = ending(ran.ended, exit_code=ran.exit_code, seconds=seconds, killed=ran.killed)
    shown = clip(ran.stdout, hint=HINT, total=ran.stdout_total).rstrip("\n")
    return ToolResult(
        ok=ran.ended is Ended.EXITED and ran.exit_code == 0,
        text=f"{shown}\n[{end}]" if shown else f"[{end}, no output]",
        full=ran.stdout,
        total=ran.stdout_total,
        exit_code=ran.exit_code,
        ended=ran.ended,
        killed=ran.killed,
    )
