"""Lays a patch that was made elsewhere over base; listed by the agent `prediction` alone, and made by wiring for nobody else."""

from __future__ import annotations

import msgspec

from agents.prose import described
from agents.tools.arguments import Arguments
from agents.tools.border import cross, done
from agents.tools.patching import GIT, MISSING, PATCH
from harness.core.chat import ToolCall, ToolSpec
from harness.core.errors import SandboxError
from harness.core.machine import Ended, Exec
from harness.core.ports import Sandbox, Tool, ToolResult

UNAPPLIED = "unapplied"
"""The problem of a patch that does not apply: its trial is judged by that, and not by what base passes without it."""


class LayPatch(msgspec.Struct, frozen=True):
    spec: ToolSpec
    patch: bytes
    seconds: int

    def run(self, call: ToolCall, sandbox: Sandbox) -> ToolResult:
        return cross(call, self.spec, lambda arguments: self._act(arguments, sandbox))

    def _act(self, _arguments: Arguments, sandbox: Sandbox) -> ToolResult:
        if not self.patch.strip():
            return done("the patch is empty", touches=False)
        ran = self._ran(GIT, sandbox)
        if _failed(ran):
            # Tried first, because this program leaves what it could do when it fails half way.
            tried = self._ran(f"{PATCH} --dry-run", sandbox)
            if not _failed(tried):
                ran = self._ran(PATCH, sandbox)
            elif ran.exit_code == MISSING == tried.exit_code:
                raise SandboxError("the image has neither git nor patch, so no patch can be laid over its files")
        words = ran.stdout.decode("utf-8", "replace").strip()
        if not _failed(ran):
            return ToolResult(ok=True, text=words or "applied", full=ran.stdout, exit_code=ran.exit_code, ended=ran.ended)
        text = words or f"git apply ended with {ran.exit_code}"
        return ToolResult(
            ok=False, text=text, full=ran.stdout, exit_code=ran.exit_code, ended=ran.ended, problem=UNAPPLIED, killed=ran.killed,
        )  # fmt: skip

    def _ran(self, command: str, sandbox: Sandbox) -> Exec:
        shell = sandbox.facts.shell or "sh"
        return sandbox.exec((shell, "-c", f"exec 2>&1\n{command}"), deadline=float(self.seconds), stdin=self.patch)


def create(*, patch: bytes = b"", seconds: int = 600) -> Tool:
    """`patch`: a unified diff, given by wiring. `seconds` that laying it may take."""
    return LayPatch(ToolSpec("lay_patch", described("lay_patch")), patch, seconds)


def _failed(ran: Exec) -> bool:
    return ran.ended is not Ended.EXITED or ran.exit_code != 0
