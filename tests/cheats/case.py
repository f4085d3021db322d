"""One shape of work: files laid over the workspace and a script run in it, as an agent would."""

from __future__ import annotations

import msgspec

from harness.core.task import CopiedFile, SolveScript


class Case(msgspec.Struct, frozen=True):
    """`kind`: which task (ground.check); `group`: its class in the table; `files`: path to text; `script`: shell, run after they are laid."""

    group: str
    name: str
    files: dict[str, str] = {}
    script: str = ""
    kind: str = "plain"

    @property
    def solution(self) -> SolveScript:
        lines = ("#!/bin/sh", "set -e", "umask 022", 'here="$(dirname "$0")/lay"', '[ ! -d "$here" ] || cp -r "$here/." .', self.script, "")
        laid = (CopiedFile(f"lay/{path}", text.encode()) for path, text in self.files.items())
        return SolveScript((CopiedFile("solve.sh", "\n".join(lines).encode(), 0o755), *laid))
