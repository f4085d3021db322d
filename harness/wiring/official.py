"""What the graders of other packages' rows are given of ours: the work without what steers a test runner, and what of it knows that it is tested."""

from __future__ import annotations

from harness.core.ports import Patch, Sandbox
from harness.core.task import Official, TaskSpec
from harness.grading.ground import survey
from harness.grading.scan import Sought, scanned
from harness.grading.steering import Terms, asked, strict, touched


def undone(patch: Patch, sandbox: Sandbox, graded: tuple[str, ...], command: str) -> tuple[Patch, tuple[str, ...]]:
    """The work for a strict run, and the paths in which it is as at base.

    `sandbox` is of the pristine image, nothing laid in yet; `graded`: paths of graded tests; `command`: how they are run. Raises SandboxError.
    """
    terms = Terms(graded, command)
    ground = survey(sandbox, asked(patch, terms))
    made = strict(patch, touched(patch, terms, ground), ground)
    return made.patch, made.back


def suspected(task: TaskSpec, patch: Patch, sandbox: Sandbox, graded: tuple[str, ...]) -> tuple[str, ...]:
    """Sentences of evidence in the lines that the work adds. `sandbox` as above. Raises SandboxError.

    Refused: literals of the graded tests as evidence; the known fixes of published rows share many with them, such as words of a message.
    """
    check = task.check
    if not isinstance(check, Official):
        return ()
    return scanned(Sought((*check.fail_to_pass, *check.pass_to_pass), (), graded, task.brief.requests), patch, sandbox)
