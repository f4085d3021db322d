"""Which runs stay and which may go: a policy that can be said in one sentence; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from harness.report.summary import counted

UNFINISHED_DAYS = 14.0
"""A run that was cut short is gone on with in the days after, or not at all."""


class Policy(msgspec.Struct, frozen=True):
    """`keep`: so many of the newest stay; `days`: and all that changed within so many days; `spare`: and all whose name is like one of these."""

    keep: int = 30
    days: float | None = None
    spare: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """All of it, as a person is told."""
        young = [f"what changed within {self.days:g} days"] if self.days is not None else []
        named = [f"runs called {' or '.join(self.spare)}"] if self.spare else []
        stay = [
            f"the newest {counted(self.keep, 'run')}", *young, *named, f"what is not finished and changed within {UNFINISHED_DAYS:g} days",
            "what a baseline is made of", "what a process is at", "what can't be read",
        ]  # fmt: skip
        return f"these stay: {', '.join(stay)}; the rest goes"


class Run(msgspec.Struct, frozen=True):
    """`state`: running, finished, pending or unreadable; `age`: days since its record changed; `baselines`: paths of those made of it."""

    run: str
    name: str
    began: str
    state: str
    age: float
    baselines: tuple[str, ...] = ()


def reasons(runs: Sequence[Run], policy: Policy) -> Mapping[str, str]:
    """Run -> why it stays, "" for one that goes. The newest have the greatest ids, which begin with when they began."""
    newest = sorted(runs, key=lambda each: each.run, reverse=True)
    return {each.run: _reason(each, policy, newest=place < policy.keep) for place, each in enumerate(newest)}


def _reason(run: Run, policy: Policy, *, newest: bool) -> str:
    """What no option changes comes first, because it is what a person who misses the space has to know."""
    rows = (
        (run.state == "running", "a process is at it"),
        (run.state == "unreadable", f"it can't be read: longhaul doctor {run.run}"),
        (bool(run.baselines), f"a baseline is made of it: {', '.join(run.baselines)}"),
        (any(fnmatchcase(run.name, each) for each in policy.spare), f"it is called {run.name}"),
        (newest, f"one of the newest {policy.keep}"),
        (run.state != "finished" and run.age < UNFINISHED_DAYS, f"not finished, and it changed within {UNFINISHED_DAYS:g} days"),
        (policy.days is not None and run.age < policy.days, f"it changed within {policy.days or 0:g} days"),
    )
    return next((words for holds, words in rows if holds), "")
