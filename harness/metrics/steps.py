"""What a task of several graded steps earned: our mean counts every step, Harbor's only those that were reached. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harness.core.events import AgentStopped, GradeRan, RequestGiven, Trace
from harness.core.task import GradedStep, Steps
from harness.metrics.tries import of

Rewards = tuple[tuple[str, float], ...]


class Earned(msgspec.Struct, frozen=True):
    """Of one try. `ended`: all that was asked is graded. `score` and `harbor`: our figure and Harbor's, None where Harbor has none.

    `items`: each step with its reward, 0 for one that has none. `evidence`: a sentence for each step that did not earn 1.
    """

    ended: bool
    score: float
    harbor: float | None
    items: tuple[tuple[str, float], ...]
    evidence: tuple[str, ...]

    @property
    def flags(self) -> tuple[str, ...]:
        """What each row says of it."""
        theirs = "no reward" if self.harbor is None else f"{self.harbor:g}"
        return () if self.harbor == self.score else (f"Harbor's own figure: {theirs}",)


def earned(check: Steps, now: Trace) -> Earned:
    """`now`: the latest try. A step's reward is that of its latest reading."""
    read = {run.step: run for run in of(now, GradeRan) if run.step and (run.phase in ("read", "prepare") or _unapplied(run))}
    items = tuple((step.name, _figure(read.get(step.name))) for step in check.steps)
    done = [read[step.name] for step in check.steps if step.name in read and read[step.name].ok and read[step.name].phase == "read"]
    asked = {event.request for event in of(now, RequestGiven)}
    if check.strategy == "final":
        score = items[-1][1] if items else 0.0
    else:
        score = sum(figure for _, figure in items) / max(1, len(items))
    return Earned(bool(of(now, AgentStopped)) and asked <= read.keys(), score, harbors(check, done, read.values()), items, tuple(_told(check, read)))


def harbors(check: Steps, done: list[GradeRan], every: Iterable[GradeRan]) -> float | None:
    """Harbor's own figure: per key over the steps that were executed, a missing key 0, then our one figure of all keys.

    None where the last step that ran has no reward at all.
    """
    if not done or any(run.phase == "read" and not run.ok for run in every):
        return None
    chosen = done[-1:] if check.strategy == "final" else done
    keys = sorted({key for run in chosen for key, _ in run.rewards})
    means = {key: sum(dict(run.rewards).get(key, 0.0) for run in chosen) / len(chosen) for key in keys}
    return means.get("reward", sum(means.values()) / len(means)) if means else None


def reached(step: GradedStep, rewards: Rewards | None) -> bool:
    """Whether the next step may begin: there is a reward, and every least figure is met."""
    if rewards is None:
        return False
    found = dict(rewards)
    return all(key in found and found[key] >= least for key, least in step.least)


def _unapplied(run: GradeRan) -> bool:
    return run.phase == "apply" and not run.ok


def _figure(run: GradeRan | None) -> float:
    return run.reward if run is not None and run.ok and run.reward is not None else 0.0


def _told(check: Steps, read: dict[str, GradeRan]) -> Iterable[str]:
    for step in check.steps:
        run = read.get(step.name)
        if run is None:
            yield f"step {step.name}: not reached, counted as 0"
        elif not run.ok:
            yield f"step {step.name}: {run.detail}"
        elif run.reward is not None and run.reward < 1:
            yield f"step {step.name}: reward {run.reward:g}"
