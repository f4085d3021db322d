"""What a larger window buys: pass rate and losses at each window that a model was given, task by task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from harness.core.findings import Status
from harness.metrics.context.account import Account
from harness.metrics.statistics.floors import TASKS, Rate, rate
from harness.report.context import kinds
from harness.report.context.lines import lost
from harness.report.summary import counted


class Budget(msgspec.Struct, frozen=True):
    """`window` in tokens. `passed`: of `decided` trials. `losses`: per opportunity, roots that no replay has rejected."""

    window: int
    trials: int
    tasks: int
    passed: int
    decided: int
    losses: Rate


class Budgets(msgspec.Struct, frozen=True):
    """One agent and variant of a model, by window. `lines`: task -> share passed at each of `steps` (None: no trial decided there)."""

    model: str
    agent: str
    variant: str
    steps: tuple[Budget, ...]
    lines: dict[str, tuple[float | None, ...]]


def budgets(accounts: Sequence[Account], passed: Mapping[str, bool], good: frozenset[str]) -> tuple[Budgets, ...]:
    """Of each model, agent and variant; empty where no model was given more than one window. `passed`: trial -> whether it passed."""
    held: dict[tuple[str, str, str], dict[int, list[Account]]] = defaultdict(lambda: defaultdict(list))
    windows: dict[str, set[int]] = defaultdict(set)
    for account in accounts:
        window = next((pulse.window for pulse in account.pulses if pulse.window and pulse.turn > account.past), None)
        if window:
            held[account.model, account.agent, account.variant][window].append(account)
            windows[account.model].add(window)
    return tuple(_budgets(name, each, passed, good) for name, each in sorted(held.items()) if len(windows[name[0]]) > 1)


def _budgets(name: tuple[str, str, str], each: Mapping[int, Sequence[Account]], passed: Mapping[str, bool], good: frozenset[str]) -> Budgets:
    windows = sorted(each)
    tasks = sorted({account.task for accounts in each.values() for account in accounts})
    lines = {task: tuple(_share([one for one in each[window] if one.task == task], passed) for window in windows) for task in tasks}
    return Budgets(*name, tuple(_budget(window, each[window], passed, good) for window in windows), lines)


def _share(accounts: Sequence[Account], passed: Mapping[str, bool]) -> float | None:
    told = [passed[account.trial] for account in accounts if account.trial in passed]
    return sum(told) / len(told) if told else None


def _budget(window: int, accounts: Sequence[Account], passed: Mapping[str, bool], good: frozenset[str]) -> Budget:
    told = [passed[account.trial] for account in accounts if account.trial in passed]
    counts = []
    for account in (each for each in accounts if not each.broken):
        hits = sum(each.status is not Status.REJECTED for each in lost(account, good))
        of = kinds.ready(account).bases["opportunities"]
        counts.append((account.task, hits, max(hits, of)))
    return Budget(window, len(accounts), len({account.task for account in accounts}), sum(told), len(told), rate(counts))


def lacking(told: Sequence[Budgets]) -> str:
    """Why nothing is drawn, or ""."""
    if not told:
        return "every trial of a model had the same window: nothing to hold against it"
    fewest = min(step.tasks for each in told for step in each.steps)
    return f"{counted(fewest, 'task')} at a window, {TASKS} needed" if fewest < TASKS else ""
