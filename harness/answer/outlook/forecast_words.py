"""An estimate in a reader's words: all of it, or the few lines before a first night; pure."""

from __future__ import annotations

from collections.abc import Iterator

from harness.answer.outlook.forecast import CellForecast, Chosen, Equality, Estimate, ModelMeasure, Power, Rest, Span
from harness.answer.outlook.sizes import FIRST, GROWS, TURNS, WRITES
from harness.report.summary import ASKS_NONE, counted, who

SHORT = 6
"""Lines at most before a run's first trial."""
NAMED = 20
"""Images that are named."""


def full(told: Estimate) -> tuple[str, ...]:
    """Every line of `--estimate`; further lines of a part begin with two blanks."""
    return (
        heading(told), *(_chosen(told.chosen) if told.chosen else ()), _time(told), *(f"  {_cell(cell)}" for cell in told.cells),
        _money(told), _disk(told), *_images(told), *(power(each) for each in told.power), *_equal(told), *map(measure, told.measured), *(f"note: {each}" for each in told.warnings),
    )  # fmt: skip


def short(told: Estimate) -> tuple[str, ...]:
    """At most SHORT lines: time with what it rests on, money where there is any, what "equal" takes, measurements, and the notes, which are cut last."""
    rests = dict.fromkeys(_rest(rest) for cell in told.cells for rest in cell.bases if cell.model != ASKS_NONE)
    head = f"{_time(told)}; {', '.join(rests)}" if rests else _time(told)
    lines = [f"{heading(told)}; {head}", *(_chosen(told.chosen) if told.chosen else ())]
    lines += [_money(told)] if told.money.usd or told.money.unpriced else []
    notes = [f"note: {each}" for each in told.warnings] or [power(each) for each in told.power[:1]]
    room = max(0, SHORT - len(lines) - len(notes))
    lines += [*_equal(told), *(measure(each) for each in told.measured)][:room]
    return tuple([*lines, *notes][:SHORT])


def heading(told: Estimate) -> str:
    """What is estimated."""
    fresh = f" and {told.fresh} with fresh seeds" if told.fresh else ""
    return f"estimate: {counted(told.tasks, 'task')} x {counted(told.attempts, 'attempt')}{fresh}, {counted(told.trials, 'trial')}, {told.parallel} at a time"


def _chosen(chosen: Chosen) -> tuple[str, ...]:
    part = f"{len(chosen.tasks)} of {counted(chosen.of_tasks, 'task')} (drawn by seed {chosen.seed}) x {chosen.attempts} of {counted(chosen.of_attempts, 'attempt')}"
    if len(chosen.tasks) == chosen.of_tasks and chosen.attempts == chosen.of_attempts:
        return (f"--hours {chosen.hours:g}: the whole plan fits",)
    return (f"--hours {chosen.hours:g}: {part}",)


def _time(told: Estimate) -> str:
    return f"time: {between(told.hours)} from the first trial to the end of the last"


def between(hours: Span) -> str:
    """The likely time and its range."""
    return f"{lasting(hours.likely)} ({lasting(hours.low)} to {lasting(hours.high)})"


def lasting(hours: float) -> str:
    """Hours as people say them."""
    seconds = hours * 3600
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{hours:.1f} h" if hours < 100 else f"{hours:,.0f} h"


def _cell(cell: CellForecast) -> str:
    model = "" if cell.model == ASKS_NONE else f", {lasting(cell.model_seconds / 3600)} of them at the model"
    cost = "" if cell.usd is None else f", {dollars(cell.usd)}"
    rests = "; ".join(_rest(each, asks=cell.model != ASKS_NONE) for each in cell.bases)
    return f"{who(cell.agent, cell.model)}: {lasting(cell.seconds / 3600)} a trial{model}{cost}; {rests}"


def _rest(rest: Rest, *, asks: bool = True) -> str:
    """What a figure rests on, never left out."""
    tasks = counted(rest.tasks, "task")
    match rest.basis:
        case "same":
            return f"{tasks} as in {counted(rest.past, 'earlier trial')} of it on them"
        case "model":
            return f"{tasks} as in {counted(rest.past, 'earlier trial')} of it on other tasks"
        case "speeds":
            return f"{tasks} with the turns and tokens of {counted(rest.past, 'trial')} elsewhere, at its speeds"
        case _ if not asks:
            return f"{tasks} assumed"
        case _:
            return f"{tasks} assumed ({TURNS} turns, {FIRST:,} tokens at first, {GROWS} read and {WRITES} written a turn)"


def _money(told: Estimate) -> str:
    money = told.money
    unpriced = f"; no price of {', '.join(money.unpriced)} is known" if money.unpriced else ""
    if money.usd is None:
        return f"money: nothing here has a price{unpriced}" if not money.unpriced else f"money: no price of {', '.join(money.unpriced)} is known"
    dates = ", ".join(f"{model} at the prices of {date}" for model, date in money.models)
    cap = "" if money.cap_after is not None else f"; the cap of {money.cap:g} USD is not reached"
    return f"money: {dollars(money.usd.likely)} ({dollars(money.usd.low)} to {dollars(money.usd.high)}), {dates}{unpriced}{cap}"


def dollars(usd: float) -> str:
    """Cents where they count."""
    return f"${usd:,.2f}" if usd < 100 else f"${usd:,.0f}"


def _disk(told: Estimate) -> str:
    disk = told.disk
    images = disk.needs.words if disk.needs is not None else "images: the engine could not be asked"
    rests = f"as in the last {counted(disk.runs, 'run')}" if disk.runs else "assumed"
    return f"disk: {images}; the record grows by about {_bytes(disk.record)} ({_bytes(disk.per_trial)} a trial, {rests})"


def _images(told: Estimate) -> Iterator[str]:
    """What must be pulled, loaded or built, by name."""
    items = told.disk.needs.items if told.disk.needs is not None else ()
    for need in items[:NAMED]:
        yield f"  to {need.how}: {need.name}, {'of unknown size' if need.size is None else _bytes(need.size)}"
    if len(items) > NAMED:
        yield f"  and {len(items) - NAMED} more (longhaul images list SOURCE)"


def _bytes(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"


def power(each: Power) -> str:
    """What the plan can show of one question."""
    asks = "comparing two models" if each.question == "compare" else f"a gate against an earlier night (--max-drop {each.margin:g})"
    shape = f"as {counted(each.seen, 'task')} went before" if each.seen else "a quarter of the tasks taken to be trivial, a quarter impossible"
    what = "difference" if each.question == "compare" else "drop"
    finds = f"no {what}" if each.detects >= 1 else f"a {what} of {100 * each.detects:.0f} points"
    return f"power: {asks} finds {finds} with 80 % power ({shape}); {100 * each.margin:g} points matter"


def _equal(told: Estimate) -> tuple[str, ...]:
    return (equality(told.equal, told.tasks),) if told.equal else ()


def equality(each: Equality, tasks: int) -> str:
    """What it takes to be told "yes, as good": that no difference is found says it not."""
    takes = f"about {each.wanted:,} tasks" if each.wanted else "more tasks than anybody has"
    points = f"{100 * each.margin:g} points"
    if tasks < each.identical:
        return f"equal within {points}: {counted(tasks, 'task')} can't show it, whatever comes out; {takes} would of two models of one rate (80 % power), {each.identical:,} where not one task differs"
    if each.wanted is not None and tasks >= each.wanted:
        return f"equal within {points}: shown of two models of one rate with a chance of {100 * each.chance:.0f} %"
    return f"equal within {points}: shown of two models of one rate with a chance of {100 * each.chance:.0f} %, always where not one task differs; {takes} would have 80 %"


def measure(each: ModelMeasure) -> str:
    """What was measured, when, and what of it is missing."""
    found, name = each.measured, who(each.agent, each.model)
    known = ", ".join(_known(each))
    missing = "; ".join(f"no {probe}: {why}" if probe != "all" else why for probe, why in found.missing)
    when = f" on {found.when}" if found.when else ""
    return f"measured{when}: {name}: {'; '.join(word for word in (known, missing) if word)}" if known else f"not measured: {name}: {missing}"


def _known(each: ModelMeasure) -> Iterator[str]:
    found = each.measured
    if found.prefill is not None:
        yield f"reads {found.prefill:,.0f} tokens/s (cold)"
    if found.decode is not None:
        yield f"writes {found.decode:,.0f} tokens/s"
    if found.trip_s is not None:
        yield f"tool round trip {found.trip_s:.1f} s"
    if found.edit is not None:
        yield f"edit with valid arguments: {'yes' if found.edit else 'no'} ({found.edit_s or 0:.1f} s)"
    if found.needle is not None:
        yield f"needle at {found.needle_tokens or 0:,} tokens {'found' if found.needle else 'not found'}"
