"""Two verdicts on one grading, brought together: another package's own over a fresh run, and the same over a strict run with signs of forging."""

from __future__ import annotations

from harness.core.events import GradeRan
from harness.core.trial import Outcome, Reason


def agreed(runs: tuple[GradeRan, ...]) -> tuple[Outcome, Reason | None, tuple[str, ...]]:
    """Outcome, reason (None: the nearest of a trial whose work does not pass), evidence. `runs` are the phases of one grading.

    Records made before there was a strict run have the first verdict alone, and it stands.
    """
    verdicts = [run for run in runs if run.phase == "official"]
    signs = tuple(dict.fromkeys(sign for run in verdicts for sign in run.evidence))
    if signs:
        return Outcome.FAILED, Reason.TAMPERED, signs
    words = tuple(run.detail for run in verdicts if run.detail)
    if not verdicts or verdicts[0].reward != 1.0:
        return Outcome.FAILED, None, words
    unlaid = tuple(f"not even laid in for the strict run: {run.detail}" for run in runs if run.phase == "apply" and run.mode == "strict" and not run.ok)
    if unlaid:
        return Outcome.FAILED, Reason.DISPUTED, unlaid
    if verdicts[-1].reward != 1.0:
        back = verdicts[-1].restored
        undone = (f"without its changes to {', '.join(back)}",) if back else ()
        return Outcome.FAILED, Reason.DISPUTED, (*words, *undone)
    known = tuple(sentence for run in runs if run.phase == "scan" for sentence in run.evidence)
    return (Outcome.FAILED, Reason.SUSPICIOUS, known) if known else (Outcome.PASSED, Reason.SOLVED, ())


def reading(runs: tuple[GradeRan, ...]) -> GradeRan:
    """The verdict whose results count: the strict one where there is one; where there is none, the phase that grading ended with."""
    verdicts = [run for run in runs if run.phase == "official"]
    return verdicts[-1] if verdicts else runs[-1]
