"""What a published percentage says by itself: which numbers of attempts could have given it, and how large a sample it was at most."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from harness.answer.claim.claims import Claim
from harness.metrics.statistics.exact import rounds_to

LOOKED_AT: Final = 10
"""Attempts per task, from 1 on, that are looked at where nobody published their number; ten are more than almost anybody pays for."""


class Sample(msgspec.Struct, frozen=True):
    """The trials behind a figure: `assumed` where their number was not published and the smallest possible one stands for it."""

    passed: int
    trials: int
    assumed: bool


def counts(claim: Claim, tasks: int, attempts: int) -> tuple[int, ...]:
    """The numbers of passed trials, of tasks x attempts, that round to the figure; () where it is impossible."""
    return rounds_to(Decimal(claim.entry.value), claim.decimals, tasks, attempts)


def impossible(claim: Claim, attempts: int | None = None) -> bool:
    """Whether no number of passed trials gives the figure for the attempts that were published, or for `attempts` where none were.

    False where nothing can be counted: an average over domains, unknown tasks, unknown attempts.
    """
    told = _attempts(claim, attempts)
    tasks = claim.entry.tasks
    return claim.counts and isinstance(tasks, int) and told is not None and not counts(claim, tasks, told)


def attempts_that_give(claim: Claim) -> tuple[int, ...]:
    """The attempts per task, from 1 to `LOOKED_AT`, that could have given the figure; () where that can't be counted."""
    tasks = claim.entry.tasks
    if not claim.counts or not isinstance(tasks, int):
        return ()
    return tuple(attempts for attempts in range(1, LOOKED_AT + 1) if counts(claim, tasks, attempts))


def sample(claim: Claim, attempts: int | None = None) -> Sample | None:
    """The trials behind the figure; where their number is unknown the smallest that could have given it, else one attempt, so that the
    claim is doubted as much as it may be. None where the tasks are unknown too.
    """
    tasks = claim.entry.tasks if isinstance(claim.entry.tasks, int) else claim.benchmark.tasks
    if not isinstance(tasks, int):
        return None
    told = _attempts(claim, attempts)
    each = told or next(iter(attempts_that_give(claim)), 1)
    among = counts(claim, tasks, each)
    passed = among[len(among) // 2] if among else round(claim.exact * tasks * each)
    return Sample(passed, tasks * each, assumed=not isinstance(claim.entry.trials, int))


def _attempts(claim: Claim, attempts: int | None) -> int | None:
    return claim.entry.trials if isinstance(claim.entry.trials, int) else attempts


def said(claim: Claim, attempts: int | None = None) -> str:
    """What counting tells of the figure, as a sentence; "" where it tells nothing."""
    tasks = claim.entry.tasks
    if not claim.counts or not isinstance(tasks, int):
        return ""
    told = _attempts(claim, attempts)
    if told is not None:
        among = counts(claim, tasks, told)
        assumed = "" if isinstance(claim.entry.trials, int) else " (the number of attempts is assumed, nobody published it)"
        if not among:
            return f"no number of passed trials of {tasks} tasks x {told} {_noun(told)} rounds to {claim.entry.value} %{assumed}"
        return f"{_either(among)} of {tasks * told:,} trials give {claim.entry.value} %{assumed}"
    able = attempts_that_give(claim)
    if not able:
        return f"no number of attempts per task from 1 to {LOOKED_AT} gives {claim.entry.value} % of {tasks} tasks"
    unable = [number for number in range(1, LOOKED_AT + 1) if number not in able]
    if not unable:
        return ""
    return f"the number of attempts is not published; {claim.entry.value} % of {tasks} tasks can come of {_list(able)} attempts per task, not of {_list(unable)}"


def _either(among: tuple[int, ...]) -> str:
    return f"{among[0]:,}" if len(among) == 1 else f"{among[0]:,} to {among[-1]:,}"


def _noun(number: int) -> str:
    return "attempt" if number == 1 else "attempts"


def _list(numbers: tuple[int, ...] | list[int]) -> str:
    """Numbers in words, three or more in a row as a range."""
    words: list[str] = []
    start = 0
    for place in range(1, len(numbers) + 1):
        if place == len(numbers) or numbers[place] != numbers[place - 1] + 1:
            run = numbers[start:place]
            words += [f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(number) for number in run]
            start = place
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
