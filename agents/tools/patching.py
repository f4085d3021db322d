"""Laying a unified diff over a sandbox's workdir with the tools of its image."""

from __future__ import annotations

from typing import Final

from harness.core.machine import Ended, Exec
from harness.core.ports import Sandbox

# Without the ceiling, git in a folder of a larger repository would quietly skip files that it thinks are elsewhere.
GIT: Final = "GIT_CEILING_DIRECTORIES=${PWD%/*} git -c safe.directory='*' -c core.autocrlf=false apply --whitespace=nowarn -"
PATCH: Final = "patch --batch --fuzz=5 --no-backup-if-mismatch -p1"
MISSING: Final = 127
"""A shell's exit status where there is no such program."""


def patched(diff: bytes, sandbox: Sandbox, seconds: int) -> Exec:
    """By git, which knows binary files and modes and changes all or nothing; where that fails by patch, which forgives more."""
    shell = sandbox.facts.shell or "sh"
    ran = sandbox.exec((shell, "-c", f"exec 2>&1\n{GIT}"), deadline=float(seconds), stdin=diff)
    if ran.ended is Ended.EXITED and ran.exit_code == 0:
        return ran
    return sandbox.exec((shell, "-c", f"exec 2>&1\n{PATCH}"), deadline=float(seconds), stdin=diff)
