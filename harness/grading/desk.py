"""What every way of grading has in hand: a sandbox, the trial's blobs and its record, and the acts that all of them share."""

from __future__ import annotations

from pathlib import PurePosixPath

import msgspec

from harness.core.events import GradeRan
from harness.core.machine import Ended, Exec
from harness.core.ports import Blobs, Patch, Record, Sandbox
from harness.core.task import CopiedFile
from harness.grading.apply import apply

QUICK_S = 60.0


class Desk(msgspec.Struct, frozen=True):
    """One container's grading. `mode`, `step`: as in GradeRan."""

    sandbox: Sandbox
    blobs: Blobs
    record: Record
    mode: str = "fresh"
    step: str = ""

    def note(self, phase: str, *, ok: bool, **more: object) -> None:
        """Record a phase that was no command. Further fields are GradeRan's own."""
        event = GradeRan(phase, self.mode, ok, None, None, 0.0, step=self.step)  # type: ignore[arg-type]
        self.record(msgspec.structs.replace(event, **more))

    def said(self, phase: str, done: Exec, **more: object) -> None:
        """Record a phase that was one command, with its whole output as a blob."""
        self.note(
            phase, ok=done.ended is Ended.EXITED, exit_code=done.exit_code, ended=done.ended, seconds=done.seconds,
            log=self.blobs.put(done.stdout + done.stderr), **more,
        )  # fmt: skip

    def applied(self, patch: Patch, back: tuple[str, ...] = ()) -> bool:
        """Lay the work in and say so on record; False where it can't be. `back`: paths that stay as they were at base."""
        trouble = apply(patch, self.sandbox)
        self.note("apply", ok=not trouble, detail=trouble, restored=back)
        return not trouble

    def lay(self, files: tuple[CopiedFile, ...], folder: str = "") -> None:
        """The task's own files, over whatever stands there; a link or folder in a graded file's place goes first."""
        for file in files:
            path = PurePosixPath(folder, file.path)
            self.sandbox.remove(path)
            self.sandbox.write(path, file.data, mode=file.mode)

    def hush(self) -> None:
        """What the tests left running is ended at once: a report is what was there when they were over."""
        self.sandbox.exec(("sh", "-c", "kill -9 -1"), deadline=QUICK_S)
