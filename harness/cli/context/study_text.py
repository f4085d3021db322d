"""A study on the terminal: what it will test and can show, what it will take, and the word on each claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console

from harness.answer.outlook.forecast import Estimate
from harness.answer.outlook.forecast_words import dollars, short
from harness.answer.study.claims import UNSETTLED, Study
from harness.answer.study.curves import Figure
from harness.answer.study.judging import Health, Verdict
from harness.cli.context.study_draft import Drafted, Purse, replays, seeded
from harness.cli.context.study_record import Record
from harness.cli.screen.layout import lay, tell
from harness.report.summary import counted


def show_plan(made: Drafted, estimates: Mapping[str, Estimate], console: Console) -> None:
    """Before anything is spent."""
    asked = made.sizes
    tell(console, f"study {made.study}: {counted(len(made.legs), 'run')}; compared over {counted(asked.pairs, 'task')}: {seeded(asked)}, tier {asked.tier}{_conditions(made)}; {counted(asked.attempts, 'attempt')} at each; about {made.tokens:,.0f} tokens and {made.opportunities:.0f} opportunities a trial")
    show_claims(made.claims, console)
    rows = [(each.claim, each.assumed, f"{100 * each.power:.0f} %", f"{each.tasks}", f"{each.chances} = {each.made}" if each.made else f"{each.chances}", f"{each.needed or 'over 200'}") for each in made.promises]
    titles = ("claim", "if the truth is", "found in", "tasks", "opportunities of a task on each side", "tasks for 80 %")
    lay(console, titles, rows, names=2, figures=titles[2:])
    for name, estimate in estimates.items():
        for line in short(estimate):
            tell(console, f"{name}: {line}")
    if count := replays(made):
        tell(console, f"then {count:,} replays at most, of 6 turns at most each; each probe tells its cost before it spends")
    tell(console, _purse(made.purse, estimates))
    show_unsettled(made.study, console)


def _conditions(made: Drafted) -> str:
    """Why a run has more tasks than are compared."""
    if made.conditions == 1:
        return ""
    asked = made.sizes
    what = "distances" if made.study == "fading" else f"{counted(len(asked.counts), 'count')} x {counted(len(asked.exposures), 'exposure')}"
    return f", each made under {made.conditions} conditions ({what}), which is {made.conditions * asked.pairs} tasks in a run"


def _purse(most: Purse, estimates: Mapping[str, Estimate]) -> str:
    """The sum over all runs: a cap that holds for each of them is no cap of the study."""
    probes = f" and {counted(most.probes, 'probe')}" if most.probes else ""
    likely = [each.money.usd.likely for each in estimates.values() if each.money.usd]
    told = f", likely {dollars(sum(likely))} before replays" if likely else ""
    return f"money: at most {most.whole:,g} USD in all: {counted(most.runs, 'run')}{probes}, each within its own {most.each:,g} USD (run_limits.cost_usd){told}; what runs here has no price"


def show_claims(claims: Sequence[object], console: Console) -> None:
    """Primary endpoints with their rules; the others are counted."""
    first = [each for each in claims if getattr(each, "primary", False)]
    for each in first:
        tell(console, f"will test {getattr(each, 'id', '')}: {getattr(each, 'words', '')}; {getattr(each, 'rule', '')}", indent=4)
    tell(console, f"{counted(len(first), 'primary endpoint')} (Holm over all models), {len(claims) - len(first)} exploratory (Benjamini and Hochberg)")


def show_unsettled(study: Study, console: Console) -> None:
    for claim, why in UNSETTLED[study]:
        tell(console, f"not settled here: {claim}: {why}", indent=4)


def show(record: Record, verdicts: Sequence[Verdict], healths: Sequence[Health], figures: Sequence[Figure], console: Console) -> None:
    """The word on each claim, then why any of them is void, then figures on which no word hangs."""
    tell(console, f"study {record.study}, written down {record.written} before its first trial")
    for health in healths:
        tell(console, _health(health))
    for primary, heading in ((True, "primary endpoints"), (False, "exploratory")):
        rows = [_row(each) for each in verdicts if each.primary is primary and (primary or each.tasks)]
        if rows:
            tell(console, "")
            tell(console, heading)
            lay(console, ("claim", "model", "word", "difference", "p", "tasks", "n", "why"), rows, names=3, figures=("difference", "p", "tasks", "n"))
    for each in figures:
        tell(console, f"{each.model}: {each.name}: {_figure(each)}")
    show_unsettled(record.study, console)


def _health(each: Health) -> str:
    even = "exchangeable stages: not known, too few replays" if each.even is None else f"fresh view, late less early stages: {100 * each.even[0]:+.0f} points ({100 * each.even[1]:+.0f} to {100 * each.even[2]:+.0f})"
    return f"{each.model}: {counted(each.trials, 'trial')}, {each.cut} cut by the server undeclared, {each.inferred} with inferred views; replays: {each.arms or 'sound'}; {even}"


def _row(each: Verdict) -> tuple[str, ...]:
    if each.estimate is None or each.low is None or each.high is None:
        told = "-"
    else:
        told = f"{100 * each.estimate:+.0f} ({100 * each.low:+.0f} to {100 * each.high:+.0f})"
    p = "-" if each.adjusted is None else f"{each.adjusted:.2g}"
    return each.claim, each.model, each.word, told, p, str(each.tasks), f"{each.sides[0]} / {each.sides[1]}", each.why


def _figure(each: Figure) -> str:
    if each.value is None:
        return f"{each.lacking} (n = {each.n}{_left(each)})"
    low, high = ("beyond" if bound is None else f"{bound:,.0f}" for bound in (each.low, each.high))
    return f"{each.value:,.0f} {each.unit} ({low} to {high}), n = {each.n} of {counted(each.tasks, 'task')}{_left(each)}"


def _left(each: Figure) -> str:
    return f", without {each.left:,} of prohibitions, guesses not stated" if each.left else ""
