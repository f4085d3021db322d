"""A checked claim on the terminal: the word first, then why, what was published, what was seen here and what would decide it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from harness.answer.claim.checking import Check, Checked, Needed, Reckoning
from harness.answer.claim.claims import UNKNOWN, Claim
from harness.cli.screen.layout import plain, tell
from harness.report.summary import counted, percent

INDENT = 2


def figure(claim: Claim) -> str:
    """As published; one that was computed from counts in two decimals."""
    value = claim.entry.value
    return f"{value if len(value.partition('.')[2]) <= 2 else f'{float(value):.2f}'} %"


def unmet(console: Console, done: Iterable[Checked]) -> None:
    """Claims that no trial here speaks of, a line each: those that a run would decide, then those that none can."""
    held = tuple(done)
    for title, runnable in (("not comparable, because not run yet", True), ("not comparable, because no run here can speak of it", False)):
        mine = [each for each in held if (bool(each.claim.benchmark.sources) and each.claim.counts) is runnable]
        if mine:
            tell(console, Text(f"{title} ({len(mine):,}):", "bold"))
        for each in sorted(mine, key=lambda one: one.claim.id):
            tell(console, plain(f"  {each.claim.id}  {figure(each.claim)}"), indent=2 * INDENT)
    if held:
        tell(console, "why, and what would decide it: longhaul claim check ID, or --json")


def block(console: Console, done: Checked) -> None:
    """One claim in full."""
    tell(console, Text.assemble((plain(done.claim.id).plain, "bold"), ": ", (done.word, "bold")))
    for title, words in _lines(done):
        tell(console, Text.assemble(" " * INDENT, (f"{title} " if title else "", "dim"), plain(words)), indent=2 * INDENT)
    console.print()


def _lines(done: Checked) -> Iterator[tuple[str, str]]:
    claim = done.claim
    yield "claim", claim.words
    yield "why", done.reason
    if done.counted and done.counted not in done.reason:
        yield "counted", done.counted
    for check in done.checks[:1]:
        yield from _speaking(check)
    for check in done.checks[1:]:
        yield f"run {', '.join(check.observed.runs)}", f"{_who(check)}: {check.word}; {check.reason}"
    if done.needed is not None:
        yield "to decide it", ("" if claim.benchmark.sources else "once its tasks can be run here: ") + _needed(done.needed)
    if claim.entry.note and claim.entry.note not in done.reason:
        yield "note", claim.entry.note
    yield "made with", _protocol(claim)
    yield "source", f"{claim.source.title}, published {claim.source.date}; {claim.source.seen.how} on {claim.source.seen.date}"
    yield "", claim.source.url


def _speaking(check: Check) -> Iterator[tuple[str, str]]:
    """The run whose word it is, with all that stands between it and the figure; the others have a line each."""
    counts = "every trial counts" if check.observed.pooled else "the first trial of each task counts"
    yield f"run {', '.join(check.observed.runs)}", f"{_who(check)}: {_part(check)}; {counts}"
    for each in check.reckonings:
        if each.case == "seen" or each.passed != check.reckonings[0].passed or each.trials != check.reckonings[0].trials:
            yield f"  {each.case}", _reckoning(each)
    told = [apart for apart in check.departures if apart.published != UNKNOWN]
    for apart in told:
        yield "  differs", apart.words
    untold = [f"{apart.field} (here {apart.here})" for apart in check.departures if apart.published == UNKNOWN]
    if untold:
        yield "  unpublished", "; ".join(untold)


def _who(check: Check) -> str:
    found = check.observed.who
    return ", ".join(word for word in (found.model, found.agent, found.variant) if word)


def _part(check: Check) -> str:
    found = check.observed
    of = f" of {found.all_tasks:,}" if found.all_tasks else ""
    return f"{found.tasks:,}{of} tasks x {counted(found.attempts, 'attempt')}"


def _reckoning(each: Reckoning) -> str:
    figures = f"{each.passed:,} of {each.trials:,} passed, {percent(each.rate, 1)} [{percent(each.low, 1)}, {percent(each.high, 1)}]"
    return f"{figures}; p that the claim is too high: {each.p_exact:.2g} if exact, {each.p_sample:.2g} as a sample"


def _needed(needed: Needed) -> str:
    confirm = f"{needed.confirm:,} trials pin the rate down if the claim holds" if needed.confirm else "no number of trials that nights give pins the rate down"
    refute = (
        f"{needed.refute:,} trials show the claim to be too high if the rate is {percent(needed.rate, 1)} (80 % power)" if needed.refute
        else f"no number of trials that nights give tells {percent(needed.rate, 1)} from it"
    )  # fmt: skip
    return f"{confirm}; {refute}; tasks before attempts"


def _protocol(claim: Claim) -> str:
    told = claim.protocol
    window = f"{told.window:,} tokens" if isinstance(told.window, int) else told.window
    sampling = told.sampling if isinstance(told.sampling, str) else ", ".join(f"{name} {value:g}" for name, value in told.sampling.items())
    pairs = (
        ("version", claim.entry.line), ("attempts", str(claim.entry.trials)), ("agent", told.agent), ("grader", told.grader), ("user simulator", told.user),
        ("window", window), ("sampling", sampling), ("thinking", told.thinking), ("quantisation", told.quantisation),
    )  # fmt: skip
    known = "; ".join(f"{name} {words}" for name, words in pairs if words != UNKNOWN)
    unknown = ", ".join(name for name, words in pairs if words == UNKNOWN)
    return "; ".join(filter(None, (known, f"unknown: {unknown}" if unknown else "")))


def summary(done: Iterable[Checked]) -> str:
    """What to do next, where every claim lacks a run."""
    lacking = all(not each.checks for each in done)
    return ". docs/claims.md tells how to check one overnight" if lacking else ""
