"""One long session against fresh ones: of the points that a fresh session reaches, how many the long one reaches, too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from harness.metrics.context.account import Account, Mark
from harness.metrics.statistics import floors
from harness.metrics.statistics.continuity import Leg, Ratio, continuity
from harness.report.context.words import interval

TWIN: Final = re.compile(r"(.+)-fresh-[^-]+")
"""How the fresh twins of a staged task are called: one for each request, begun at the solution's state before it."""
CAME_TO_AN_END: Final = ("answered", "gave_up")
"""A session that a limit, a fault or a full window stopped says nothing of requests that it never reached."""


def sessions(accounts: Sequence[Account]) -> tuple[Ratio | None, str]:
    """The ratio of tasks whose fresh twins are of the same run and model, or why there is none; (None, "") where no task has twins.

    A point counts as it stood when its request was handed back. Mixed with what the context does are errors that a long session carries on,
    which a session begun at the solution's state has not.
    """
    whole = {account.task for account in accounts if not TWIN.fullmatch(account.task)}
    legs = tuple(_legs(accounts, whole))
    tasks = {leg.task for leg in legs if leg.mode == "oracle"} & {leg.task for leg in legs if leg.mode == "continuous"}
    if not tasks:
        return None, ""
    if len(tasks) < floors.TASKS:
        return None, f"{len(tasks)} tasks with fresh twins, {floors.TASKS} needed"
    try:
        told = continuity(legs, "continuous", "oracle")
    except ValueError as fault:
        return None, str(fault)
    why = floors.lacking(told.milestones, told.tasks).replace("opportunities", "points tried in both", 1)
    return (None, why) if why else (told, "")


def _legs(accounts: Sequence[Account], whole: set[str]) -> Iterator[Leg]:
    for account in accounts:
        twin = TWIN.fullmatch(account.task)
        task = twin[1] if twin else account.task
        if task not in whole or account.cut:
            continue
        for mark in account.marks:
            met = _met(account, mark)
            if met is not None:
                yield Leg(task, mark.id, "oracle" if twin else "continuous", int(met), 1)


def _met(account: Account, mark: Mark) -> bool | None:
    """Whether it held when its request was handed back; None where nobody knows."""
    if account.stop in CAME_TO_AN_END:
        return dict(mark.ends).get(mark.stage, False)
    handed_back = bool(account.pulses) and mark.stage < account.pulses[-1].stage
    return dict(mark.ends).get(mark.stage) if handed_back else None


def said(found: tuple[Ratio | None, str]) -> str:
    """In one sentence; "" where no task has twins."""
    told, why = found
    if told is None:
        return f"one session against fresh ones: no ratio, {why}" if why else ""
    of = f"{100 * told.rates[0]:.0f} % against {100 * told.rates[1]:.0f} % of {told.milestones} points in {told.tasks} tasks"
    if told.ratio is None:
        return f"one session against fresh ones: no ratio, {of}"
    return f"one session against fresh ones, which begin at the solution's state: {interval(told.ratio, 1, 2)} times the points, {of}; errors carried on are in it"
