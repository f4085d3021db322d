"""What a run lost of its context, on a terminal of any width: each figure as in the JSON."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from harness.cli.screen.layout import lay, tell
from harness.core.findings import Finding
from harness.metrics.context.account import Account
from harness.report.characters import visible as written
from harness.report.context import factors
from harness.report.context.given import Score
from harness.report.context.lines import UNKNOWN, Line
from harness.report.context.loss import Group, Loss, name
from harness.report.context.plots import drawn, whole
from harness.report.context.told import said
from harness.report.context.words import per_hundred
from harness.report.summary import counted, who

FIGURES = ("roots", "all", "candidate", "confirmed", "rejected", "undecided", "n", "tasks", "trials")
TITLES = ("kind", "", "roots", "all", "candidate", "confirmed", "rejected", "undecided", "per 100", "of", "n", "tasks", "trials", "why", "not in view")
SCORED = ("version", "precision", "from", "recall", "from ", "planted", "clean")
LISTED = 40
"""Findings that are listed unasked."""
AS_OF = "as of turn: it began there, so what was in the view, and how far back, is told of that turn; the outcome showed later"
WHY = "why: E not in the view, R in the view and not kept, S spoilt by own slips, X not the context, U undecided; - no replay has decided"


def show(told: Loss, console: Console, *, every: bool) -> None:
    """`every`: experimental kinds, too."""
    trials = sum(group.trials for group in told.groups)
    tell(console, f"context of {told.run}: {counted(trials, 'trial')}, measured by detectors {', '.join(told.measure) or '-'}")
    _notes(told, console)
    for group in told.groups:
        _group(told, group, console, every=every)
    for words in filter(None, whole(told)[: None if every else 1]):
        tell(console, styled(words))
    if every:
        lay(console, ("kind", "version", "precision", "from", "recall", "from ", "planted", "clean", "not in headlines for"), [_score(each) for each in told.scores], figures=SCORED)
    if told.between and (words := factors.said(told.between)):
        console.print()
        tell(console, styled(f"all of these together: {words}"))
    if trials:
        tell(console, styled(WHY, "dim"))
        if told.experimental and not every:
            tell(console, styled(f"experimental, in no headline: {', '.join(told.experimental)} (--all shows them)", "dim"))


def _notes(told: Loss, console: Console) -> None:
    """What everything that follows must be read with."""
    for caution in told.cautions:
        tell(console, styled(f"note: {caution}", "dim"))
    for why, names in _unread(told).items():
        tell(console, styled(f"note: {counted(len(names), 'trial')} not read, {why}: {', '.join(names[:5])}{' ...' if len(names) > 5 else ''}", "dim"))


def _unread(told: Loss) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for trial, why in told.unread:
        found.setdefault(why, []).append(trial)
    return found


def _group(told: Loss, group: Group, console: Console, *, every: bool) -> None:
    console.print()
    tell(console, styled(name(group), "bold"))
    for sentence in filter(None, (*said(group), *drawn(told, group))):
        tell(console, sentence, indent=2)
    lay(console, TITLES, [_row(each) for each in group.classes], names=2, figures=FIGURES)
    lines = [each for each in group.kinds if every or each.headline]
    if lines:
        lay(console, TITLES, [_row(each) for each in lines], names=2, figures=FIGURES)


def _row(line: Line) -> tuple[str, ...]:
    known = {word: count for word, count in line.mechanisms.items() if word != UNKNOWN}
    why = " ".join(f"{word} {count}" for word, count in known.items()) or UNKNOWN
    kind = line.kind if line.headline else f"{line.kind} (experimental)"
    counts = (line.roots, line.total, line.candidate, line.confirmed, line.rejected, line.undecided)
    hidden = f"{line.hidden}" if line.hidden else UNKNOWN
    return (
        kind, line.words, *map(str, counts), per_hundred(line.rate), line.of, f"{line.rate.opportunities:,}", f"{line.rate.tasks}", f"{line.trials}", why, hidden,
    )  # fmt: skip


def _score(each: Score) -> tuple[str, ...]:
    shares = (each.precision, each.precision_low, each.recall, each.recall_low)
    return each.kind, str(each.version), *(UNKNOWN if one is None else f"{one:.3f}" for one in shares), str(each.positives), str(each.negatives), each.why


def show_findings(told: Loss, found: Sequence[tuple[Account, Finding]], wanted: str, console: Console, *, every: bool) -> None:
    """Each finding of a kind or class with where to read it, and no figures. `found`: all of them."""
    whose = len(told.groups) > 1
    rows = [_finding(account, each, whose=whose) for account, each in found[: None if every else LISTED]]
    tell(console, styled(f"context of {told.run}: {counted(len(found), 'finding')} of {wanted}", "bold"))
    _notes(told, console)
    titles = ("trial", "kind", "turn", "item", "status", "why", "in view", "tokens back", "as of turn", "what", "agent and model")
    lay(console, titles, rows, names=3, figures=("turn", "tokens back", "as of turn"))
    if len(rows) < len(found):
        tell(console, f"... {len(found) - len(rows)} more: --all lists them, --json has them whole")
    if any(since(each) for _, each in found):
        tell(console, styled(AS_OF, "dim"))
    if any(each.mechanism for _, each in found):
        tell(console, styled(WHY, "dim"))
    if loose := sorted({each.kind for _, each in found} & set(told.experimental)):
        tell(console, styled(f"experimental, in no headline: {', '.join(loose)}", "dim"))


def _finding(account: Account, each: Finding, *, whose: bool) -> tuple[str, ...]:
    return (
        account.trial, each.kind, str(each.turn), each.item, str(each.status), str(each.mechanism or UNKNOWN), seen(each.visible),
        "" if each.distance is None else f"{each.distance:,}", since(each), f"{each.detail}{f' (follows from {each.root})' if each.root else ''}",
        who(account.agent, account.model, account.variant) if whose else "",
    )  # fmt: skip


def styled(words: str, style: str = "") -> Text:
    """A sentence with a stranger's words in it: no control character gets through."""
    return Text(written(words), style)


def since(each: Finding) -> str:
    """The turn whose sight is told, where it is not the one at which the finding shows."""
    return "" if each.visible is None or each.onset == each.turn else str(each.onset)


def seen(visible: bool | None) -> str:
    return UNKNOWN if visible is None else "yes" if visible else "no"


