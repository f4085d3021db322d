"""accounts -> Loss: what each model of a run lost of its context; every figure of text, JSON and page, so that none can say another number."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from harness.metrics.context.account import Account
from harness.metrics.statistics.continuity import Ratio
from harness.metrics.statistics.floors import Rate, rate
from harness.report.context import kinds
from harness.report.context.budgets import Budgets, budgets
from harness.report.context.factors import Factors, factors
from harness.report.context.figures import Figures, figures
from harness.report.context.given import Probed, Score, Trust, Untold
from harness.report.context.guesses import Guesses, by_model
from harness.report.context.kinds import Ready
from harness.report.context.lines import Line, Seen, Split, against, by_kind, line, own, split
from harness.report.context.own_part import own_part
from harness.report.context.sessions import sessions
from harness.report.summary import counted

SAME = 1e-9
NEAR = 0.9
"""Horizons so near one another make no difference to a mean time kept that its interval would not cover."""
CLOCKS = {"turns": "turns", "tokens": "tokens", "distance": "tokens back"}


class Cut(msgspec.Struct, frozen=True):
    """A: turns and trials from which the server took something, of all; tokens as far as told; how many of these trials declared it."""

    turns: int
    of_turns: int
    trials: int
    of_trials: int
    tokens: int
    declared: int

    @property
    def share(self) -> float:
        """Of turns, 0..1."""
        return self.turns / self.of_turns if self.of_turns else 0.0


class Apart(msgspec.Struct, frozen=True):
    """What is in no rate: opportunities, those violated, findings (roots)."""

    opportunities: int
    violated: int
    findings: int


class Points(msgspec.Struct, frozen=True):
    """Milestones at the end of their trials; `open`: they take tests that were not run."""

    met: int
    unmet: int
    open: int


class Group(msgspec.Struct, frozen=True):
    """A model under an agent and a variant, which for a replay is the view. `ended`: trials by how their conversation ended, "" for not at all.

    `losses`: headline kinds that are losses of context, in good standing; `violated`: opportunities violated for good, whatever a detector says.
    `sessions`: one long session against fresh ones, and why there is no ratio.
    `inferred`, `derived`, `untested`: trials whose views are only inferred, whose items a machine found, that have tests not run.
    `continued`: those that went on from another trial's turn; what came before it is in no figure here.
    """

    model: str
    agent: str
    variant: str
    trials: int
    tasks: int
    turns: int
    ended: dict[str, int]
    cut: Cut
    opportunities: int
    violated: Rate
    losses: Line
    classes: tuple[Line, ...]
    kinds: tuple[Line, ...]
    unvalidated: Apart
    interludes: Apart
    points: Points
    inferred: int
    derived: int
    untested: int
    probed: Probed | None = None
    figures: Figures | None = None
    sessions: tuple[Ratio | None, str] = (None, "")
    continued: int = 0


class Loss(msgspec.Struct, frozen=True):
    """`measure`: digests of the detectors that spoke, one where all accounts were made alike. `unread`: (trial, why) of those without an account.
    `between`: what a violation hangs on over all groups, the group being one of it; None for one group, or where the server cut one of them more.
    """

    run: str
    measure: tuple[str, ...]
    standing: str
    groups: tuple[Group, ...]
    experimental: tuple[str, ...]
    cautions: tuple[str, ...]
    scores: tuple[Score, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    budgets: tuple[Budgets, ...] = ()
    between: Factors | None = None


class Beside(msgspec.Struct, frozen=True):
    """What is known beside the accounts: probes of the run, whether a trial passed, (trial, why) of those without an account, and what came of
    those who were never told.
    """

    probed: tuple[Probed, ...] = ()
    passed: dict[str, bool] = {}
    unread: tuple[tuple[str, str], ...] = ()
    untold: tuple[Untold, ...] = ()


ALONE = Beside()


def loss(run: str, accounts: Sequence[Account], trust: Trust, beside: Beside = ALONE) -> Loss:
    """Groups by name; the order of accounts has no effect."""
    held: dict[tuple[str, str, str], list[Account]] = defaultdict(list)
    accounts = tuple(map(own_part, accounts))
    for account in sorted(accounts, key=lambda one: (one.task, one.attempt, one.trial)):
        held[account.model, account.agent, account.variant].append(account)
    known = {(each.model, each.agent): each for each in beside.probed}
    guesses = by_model(accounts, beside.untold)
    groups = tuple(_group(name, each, trust, None if name[2] else known.get(name[:2]), guesses[name[:2]]) for name, each in sorted(held.items()))
    found = sorted({each.kind for group in groups for each in group.kinds} - trust.good)
    measures = tuple(sorted({account.measure for account in accounts}))
    return Loss(run, measures, trust.sentence, groups, tuple(found), tuple(_cautions(groups, measures, trust)), trust.scores, beside.unread, budgets(accounts, beside.passed, trust.good), _between(groups, held))


def _between(groups: Sequence[Group], held: Mapping[tuple[str, str, str], Sequence[Account]]) -> Factors | None:
    shares = {round(group.cut.share, 9) for group in groups}
    if len(groups) < 2 or len(shares) > 1:
        return None
    return factors({name(group): tuple(map(kinds.ready, held[group.model, group.agent, group.variant])) for group in groups})


def _group(name: tuple[str, str, str], accounts: Sequence[Account], trust: Trust, probed: Probed | None, guesses: Guesses) -> Group:
    apart, known = split(accounts), tuple(map(kinds.ready, accounts))
    finals = Counter(mark.final for account in accounts for mark in account.marks)
    return Group(
        *name, len(accounts), len({account.task for account in accounts}), sum(account.turns for account in accounts),
        dict(sorted(Counter(account.stop for account in accounts).items())), _cut(accounts), sum(each.bases["opportunities"] for each in known), _violated(known),
        _losses(apart, known, trust.good), _classes(apart, known, trust.good), by_kind(apart.counted, known, trust.good), _loose(accounts, apart.unvalidated), _aside(accounts, apart.interludes),
        Points(finals[True], finals[False], finals[None]), sum(account.inferred for account in accounts), sum(account.derived for account in accounts),
        sum(bool(account.untested) for account in accounts), probed, figures(known, trust.good, probed.knows if probed else {}, guesses), sessions(accounts),
        sum(bool(account.past) for account in accounts),
    )  # fmt: skip


def _cut(accounts: Sequence[Account]) -> Cut:
    taken = [[each for each in account.cuts if each.kind != "A4"] for account in accounts]
    return Cut(
        sum(len({each.turn for each in cuts}) for cuts in taken), sum(account.turns for account in accounts), sum(map(bool, taken)), len(accounts),
        sum(each.tokens or 0 for cuts in taken for each in cuts), sum(any(each.declared for each in cuts) for cuts in taken),
    )  # fmt: skip


def _violated(known: Sequence[Ready]) -> Rate:
    """Of chances that count, those not honoured; the detectors make fewer losses of them, since one loss may be many slips."""
    return rate([(one.account.task, sum(not each.honoured for each in one.counting), len(one.counting)) for one in known])


def _losses(apart: Split, known: Sequence[Ready], good: frozenset[str]) -> Line:
    held: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for each in apart.counted:
        if each.finding.kind in kinds.LOSSES and each.finding.kind in good:
            held[each.account.task, each.account.trial].append(each)
    roots = [Seen(mine[0].account, finding) for mine in held.values() for finding in own(each.finding for each in mine)]
    told = line("C", "lost from the context", roots, against("C", known), headline=True)
    return msgspec.structs.replace(told, total=sum(map(len, held.values())))


def _classes(apart: Split, known: Sequence[Ready], good: frozenset[str]) -> tuple[Line, ...]:
    """Of kinds in good standing alone: experimental ones have their own lines and no say here."""
    held: dict[str, list[Seen]] = defaultdict(list)
    for each in apart.counted:
        if each.finding.kind in good:
            held[each.finding.kind[:1]].append(each)
    return tuple(line(letter, kinds.LETTERS.get(letter, ""), held[letter], against(letter, known), headline=True) for letter in sorted(held))


def _loose(accounts: Sequence[Account], found: Sequence[Seen]) -> Apart:
    loose = {(account.task, item.id) for account in accounts for item in account.items if not item.validated}
    chances = [each for account in accounts for each in account.chances if (account.task, each.item) in loose] if loose else []
    return Apart(len(chances), sum(not each.honoured for each in chances), sum(not each.finding.root for each in found))


def _aside(accounts: Sequence[Account], found: Sequence[Seen]) -> Apart:
    chances = [each for account in accounts for each in account.chances if each.aside]
    return Apart(len(chances), sum(not each.honoured for each in chances), sum(not each.finding.root for each in found))


def _cautions(groups: Sequence[Group], measures: Sequence[str], trust: Trust) -> Iterable[str]:
    """Everything that a reader must know before he believes a figure."""
    yield f"detectors: {trust.sentence}"
    shares = [group.cut.share for group in groups]
    if len(groups) > 1 and max(shares) - min(shares) > SAME:
        told = "; ".join(f"{name(group)}: {group.cut.turns} of {group.cut.of_turns} turns" for group in groups)
        yield f"not to be compared with one another: the server took something from their views at different rates ({told})"
    if far := _far(groups):
        yield f"mean times kept are up to different horizons, by {', '.join(far)}: hold two against one another only where both say the same `up to`"
    if len(measures) > 1:
        yield f"accounts were made by {len(measures)} versions of the detectors: `longhaul context RUN --anew` makes them alike"
    for field, words in (
        ("inferred", "have views that are only inferred: what a hosted server made of them is not known"),
        ("derived", "are of tasks that state nothing to keep in mind: their items were found by machine"),
        ("untested", "have tests at ends of requests that were not run, so that points on them stay open"),
        ("continued", "went on from another trial's turn: what came before it is in no figure here"),
    ):
        count = sum(getattr(group, field) for group in groups)
        if count:
            yield f"{counted(count, 'trial')} of {sum(group.trials for group in groups)} {words}"


def _far(groups: Sequence[Group]) -> tuple[str, ...]:
    """Clocks on which groups were watched to different ends: a mean up to a later one is longer, whoever keeps better. Where all is lost by its
    end a mean is the same up to any later one.
    """
    held: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for each in (each for group in groups if group.figures for each in group.figures.kept):
        if each.curve:
            held[each.clock].append((each.horizon, each.curve.kept[-1:] == (0.0,)))
    return tuple(CLOCKS[clock] for clock, ends in held.items() if min((end for end, fell in ends if not fell), default=math.inf) < NEAR * max(ends)[0])


def name(group: Group) -> str:
    """A group as people call it."""
    return " ".join(filter(None, (f"{group.agent} x {group.model}", group.variant)))
