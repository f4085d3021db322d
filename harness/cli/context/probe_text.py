"""A probe on the terminal: what it will take, and what it came to."""

from __future__ import annotations

from rich.console import Console

from harness.answer.probe.attribution import EVICT, NO_RULE, At, Contrast, Group, Result, Told
from harness.answer.probe.deciding import FRESH, Count
from harness.answer.probe.outlay import Outlay
from harness.answer.probe.points import Chosen, Sides, compared
from harness.cli.context.asking_text import answers
from harness.cli.screen.layout import lay, tell
from harness.core.findings import Mechanism
from harness.core.trial import ASKING
from harness.metrics.statistics.mechanisms import ENOUGH, named
from harness.report.summary import counted

WORDS = {
    Mechanism.EVICTION: "E: it was not in the view", Mechanism.RETENTION: "R: in the view and not kept", Mechanism.SELF_CONDITIONING: "S: spoilt by own slips",
    Mechanism.NOT_CONTEXT: "X: not the context", Mechanism.UNDECIDED: "U: undecided",
}  # fmt: skip


def show_choice(picked: Chosen, console: Console) -> None:
    """Which points there are, and whether those that can't be restored differ."""
    regular = [point for point in picked.points if not point.on_failure]
    tasks = len({point.place.task for point in regular})
    tell(console, f"{_opportunities(picked.places)}; {counted(len(regular), 'point')} of {counted(tasks, 'task')} chosen before any outcome was looked at")
    if len(picked.points) > len(regular):
        tell(console, f"{counted(len(picked.points) - len(regular), 'point')} more because they had failed: for case reports, in no share of anything")
    if picked.excluded:
        tell(console, f"{len(picked.excluded)} can't be replayed: {_whys(picked)}")
        show_sides(compared(picked.points, picked.excluded), console)


def _opportunities(number: int) -> str:
    return f"{number:,} {'opportunity' if number == 1 else 'opportunities'}"


def _whys(picked: Chosen) -> str:
    words = [each.why for each in picked.excluded]
    return "; ".join(f"{words.count(word)} x {word}" for word in dict.fromkeys(words))


def show_sides(sides: tuple[Sides, ...], console: Console) -> None:
    rows = [(each.field, _plain(each.kept), str(each.kept_n), _plain(each.excluded), str(each.excluded_n)) for each in sides]
    lay(console, ("", "median, replayed", "n", "median, excluded", "n "), rows, figures=("median, replayed", "n", "median, excluded", "n "))


def _plain(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:,.2f}" if figure < 1 else f"{figure:,.0f}"


def show_outlay(told: Outlay, cap: float, console: Console) -> None:
    """At most and likely; no price, no money. And what of the arms says nothing alone."""
    rows = [
        (arm.arm, f"{arm.trials}", f"{arm.turns:,}", f"{arm.tokens_in:,}", f"{arm.tokens_out:,}", _usd(arm.usd), f"{arm.likely_in:,}", _usd(arm.likely_usd))
        for arm in told.arms
    ]
    figures = ("replays", "turns at most", "tokens in at most", "tokens out at most", "USD at most", "tokens in, likely", "USD, likely")
    lay(console, ("arm", *figures), rows, figures=figures)
    if told.usd is not None:
        beyond = f"; the cap of {cap:g} USD (--max-cost) would end it before" if told.usd > cap else f"; the cap is {cap:g} USD (--max-cost)"
        tell(console, f"{told.trials} replays, {told.usd:.2f} USD at most{beyond}")
    else:
        tell(console, f"{told.trials} replays; no price is known of these models, so they cost no money that could be told")
    arms = {arm.arm for arm in told.arms}
    if EVICT in arms and NO_RULE not in arms:
        tell(console, f"note: {EVICT} is held against {NO_RULE}, which is not asked for: without it the gate tells nothing")


def show_rolls(rolls: int, console: Console) -> None:
    """What so few re-rolls can name, and how many name more; nothing where they are enough."""
    if rolls >= ENOUGH:
        return
    few, enough = ([f"{100 * share:.0f}" for share in named(count)] for count in (rolls, ENOUGH))
    tell(
        console,
        f"of single points {counted(rolls, 're-roll')} {'leaves' if rolls == 1 else 'leave'} more undecided (U): where a failing view fails 19 of 20 times, {few[0]} of 100 losses are named and {few[1]} of 100 "
        f"points that are not the context's; -k {ENOUGH} names {enough[0]} and {enough[1]}. Rates and the attributable fraction don't need them",
    )


def _usd(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.2f}"


def show(told: Result, console: Console) -> None:
    """Counts and words of the result; each figure as in its JSON."""
    done = {word: count for word, count in told.trials.items() if count}
    tell(console, f"probe {told.run} of {told.parent}: {', '.join(f'{count} {_came(word)}' for word, count in done.items())}")
    if told.excluded:
        tell(console, f"{len(told.excluded)} of {_opportunities(told.offered)} could not be replayed")
        show_sides(told.compared, console)
    for side in told.sides:
        _side(side, console)
    show_rolls(told.rolls, console)
    if told.usd is not None:
        tell(console, f"paid: {told.usd:.2f} USD")


def _came(word: str) -> str:
    return {"none": "without an opportunity in the window", "asked": "only asked (recall, absent)"}.get(word, word)


def _side(side: Told, console: Console) -> None:
    tell(console, "")
    tell(console, f"{side.model} under {side.agent}")
    if side.void:
        tell(console, f"void: {side.void}{_held(side)}")
    rows = [(arm, _rate(count), f"{count.failed}", f"{count.rolls}", f"{count.idle}", f"{count.lost}", _length(side, arm)) for arm, count in side.arms.items() if arm not in ASKING]
    titles = ("arm", "not honoured", "failed", "of", "no opportunity", "broken or pending", "prompt / full")
    lay(console, titles, rows, figures=titles[1:])
    for words in answers(side):
        tell(console, words)
    # Without fresh no group has a fraction, and for one reason.
    for group in side.groups if FRESH in side.arms else side.groups[:1]:
        tell(console, _group(group))
    for contrast in side.contrasts:
        tell(console, _contrast(contrast))
    if side.split:
        tell(console, f"A/A check, full against itself: {100 * side.split.difference:+.0f} points, p = {side.split.p:.2f} ({counted(side.split.points, 'point')})")
    if side.knows:
        tell(console, f"asked and observed: {', '.join(f'{count} {cell.replace(chr(95), chr(32))}' for cell, count in side.knows.items())}")
    for gate in side.gates:
        tell(console, f"{gate.name}: {'not known' if gate.holds is None else 'holds' if gate.holds else 'does not hold'} ({gate.words})")
    if not side.void:
        _points(side, console)


def _held(side: Told) -> str:
    held = {arm: count.held for arm, count in side.arms.items() if count.held}
    return f"; not rolled: {counted(sum(held.values()), 're-roll')} of {', '.join(held)}" if held else ""


def _rate(count: Count) -> str:
    return f"{100 * count.failed / count.rolls:.0f} %" if count.rolls else "-"


def _length(side: Told, arm: str) -> str:
    return f"{side.lengths[arm]:.2f}" if arm in side.lengths else "-"


def _group(group: Group) -> str:
    name = "attributable fraction" if group.name == "all" else f"attributable fraction, {group.name}"
    if group.fraction is None:
        return f"{name}: {group.why}"
    found, per = group.fraction.fraction, group.fraction.per_hundred
    share = "no failure under the whole view" if found is None else f"{100 * found.value:.0f} % ({100 * found.low:.0f} to {100 * found.high:.0f})"
    return f"{name}: {share}; {per.value:+.1f} per 100 opportunities ({per.low:+.1f} to {per.high:+.1f}); {counted(group.points, 'point')} of {counted(group.tasks, 'task')}"


def _contrast(each: Contrast) -> str:
    return f"{each.name} ({each.arm} less {each.other}): {100 * each.difference:+.0f} points ({100 * each.low:+.0f} to {100 * each.high:+.0f})"


def _points(side: Told, console: Console) -> None:
    told = [each for each in side.points if each.void or each.decision.mechanism or each.point.on_failure]
    if not told:
        tell(console, "no point fails under the whole view")
        return
    lay(console, ("point", "trial", "item", "turn", "what"), [_row(each) for each in told], names=4)


def _row(each: At) -> tuple[str, str, str, str, str]:
    place = each.point.place
    what = f"void: {each.void}" if each.void else f"{WORDS[each.decision.mechanism]}; {each.decision.why}" if each.decision.mechanism else each.decision.why
    flagged = f"{what} (selected on failure)" if each.point.on_failure else what
    return each.point.name, place.trial, place.item, str(place.turn), flagged
