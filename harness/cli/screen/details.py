"""The rest of an Overview for a terminal: what k attempts come to, sizes by outcome, where time and money went, ends and tool calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console
from rich.text import Text

from harness.cli.screen.layout import Word, lay
from harness.report.cells import Cell
from harness.report.health import Health
from harness.report.overview import Overview
from harness.report.splits import ByOutcome, Spread
from harness.report.summary import counted, dollars, figure, percent, span, who
from harness.report.surroundings import ModelRecord, Surroundings

Rows = Sequence[Sequence[Word]]
TIMES = ("prefill", "decode", "model_other", "tool", "harness", "waiting", "grading", "total")
HEADS = {"model_other": "model (not split)"}
COSTS = ("input", "cache_read", "cache_write", "output", "lost", "total", "per_pass")
CALLS = ("calls", "well_formed", "failed", "malformed_model", "malformed_server", "malformed_harness", "unknown_tool", "leaked", "cut", "repaired")


def details(told: Overview, console: Console) -> None:
    """Each table under its name; one that has nothing to say is left out."""
    ks = [each.k for each in max((cell.at_k for cell in told.cells), key=len, default=())]
    if len(ks) > 1:
        _titled(console, "pass@k: any of k attempts passes; pass^k: all of them do", _at_k_titles(ks), _at_k(told.cells, len(ks)))
    _titled(console, "median (quartiles) by outcome; tokens in and out, seconds of model, tools and harness", SIZES, _sizes(told.cells), names=2)
    _titled(console, "seconds, summed", ("combination", *TIMES), [(_who(cell), *_parts(cell.time, TIMES)) for cell in told.cells])
    _titled(console, "USD", ("combination", *COSTS), [(_who(cell), *map(dollars, _amounts(cell.cost, COSTS))) for cell in told.cells if cell.cost])
    _titled(console, "tokens per second", ("combination", *SPEEDS), [(_who(cell), *_parts(cell.speed, SPEEDS)) for cell in told.cells if cell.speed.overall])
    _titled(console, "trials by why their conversation ended", _stop_titles(told.cells), _stops(told.cells))
    _titled(console, "tool calls", ("model", *CALLS), [_calls(each) for each in told.health])
    _origins(told, console)
    _environment(told.environment, console)


SIZES = ("combination", "outcome", "trials", "turns", "tokens", "seconds", "fill")
SPEEDS = ("prefill", "decode", "overall")


def _titled(console: Console, title: str, titles: Sequence[str], rows: Rows, names: int = 1) -> None:
    if rows:
        console.print()
        console.print(Text(title, "bold"), highlight=False)
        told = [HEADS.get(name, name.replace("_", " ")) for name in titles]
        lay(console, told, rows, names=names, figures=told[names:])


def _who(cell: Cell) -> str:
    return who(cell.agent, cell.model, cell.variant)


def _parts(split: object, names: Iterable[str]) -> tuple[str, ...]:
    """Nothing spent is said as nothing, so that a part that nobody knows of takes no room."""
    return tuple(figure(amount or None, 1) for amount in _amounts(split, names))


def _amounts(split: object, names: Iterable[str]) -> list[float | None]:
    return [getattr(split, name) for name in names]


def _at_k_titles(ks: Sequence[int]) -> tuple[str, ...]:
    return ("combination", *(f"pass@{k}" for k in ks), *(f"pass^{k}" for k in ks))


def _at_k(cells: Sequence[Cell], most: int) -> Rows:
    """A figure with its interval; "-" where no task has that many decided trials, or no verdict is given."""
    rows: list[tuple[str, ...]] = []
    for cell in cells:
        told = [*cell.at_k, *[None] * (most - len(cell.at_k))]
        any_of = [(each.pass_at_k, each.pass_at_k_interval) if each and cell.judged else (None, None) for each in told]
        all_of = [(each.pass_hat_k, each.pass_hat_k_interval) if each and cell.judged else (None, None) for each in told]
        rows.append((_who(cell), *(f"{percent(share)} ({span(bound.low, bound.high)})" if bound else "-" for share, bound in (*any_of, *all_of))))
    return rows


def _sizes(cells: Sequence[Cell]) -> Rows:
    return [(_who(cell), each.outcome, str(each.n), *_spreads(each)) for cell in cells for each in cell.by_outcome]


def _spreads(each: ByOutcome) -> tuple[str, ...]:
    shares = f"{percent(each.fill.median)} ({span(each.fill.q1, each.fill.q3)})" if each.fill else "-"
    return (_spread(each.turns), _spread(each.tokens), _spread(each.seconds, 1), shares)


def _spread(told: Spread, digits: int = 0) -> str:
    return f"{figure(told.median, digits)} ({figure(told.q1, digits)} to {figure(told.q3, digits)})"


def _stop_titles(cells: Sequence[Cell]) -> tuple[str, ...]:
    return ("combination", *(name for name, _ in (cells[0].stops if cells else ())))


def _stops(cells: Sequence[Cell]) -> Rows:
    """A zero is said, too, where another combination has more: every stop has its count in the JSON."""
    used = {name for cell in cells for name, number in cell.stops if number}
    return [(_who(cell), *(str(number) if name in used else "-" for name, number in cell.stops)) for cell in cells]


def _calls(each: Health) -> tuple[str, ...]:
    return (each.model, *(f"{getattr(each, name):,}" for name in CALLS))


def _origins(told: Overview, console: Console) -> None:
    made = told.origins
    words = [
        counted(made.tries, "try").replace("trys", "tries"), f"{counted(made.retried, 'trial')} begun more than once",
        *([f"{made.restarted:,} restarted"] if made.restarted else []), *([f"{made.continued:,} continued"] if made.continued else []),
        *([counted(made.forks, "fork")] if made.forks else []),
    ]  # fmt: skip
    console.print()
    console.print(", ".join(words), highlight=False)


def _environment(told: Surroundings, console: Console) -> None:
    titles = ("model", "thinking", "asked", "granted", "trained", "sampling", "server", "digest", "GPU", "trials")
    _titled(console, "models", titles, [_model(each) for each in told.models])
    words = [*((_limits(each.word), each.trials) for each in told.limits), *((each.word, each.trials) for each in (*told.hosts, *told.harnesses))]
    _titled(console, "limits, host, harness", ("what", "trials"), [(word, str(trials)) for word, trials in words])


def _limits(text: str) -> str:
    """The bounds there are, in the plan's words."""
    try:
        found = msgspec.json.decode(text, type=dict[str, float | bool | None])
    except msgspec.MsgspecError:
        return text
    return ", ".join(f"{name} {bound:g}" for name, bound in found.items() if bound is not None and not isinstance(bound, bool)) or "no limits"


def _model(each: ModelRecord) -> tuple[str, ...]:
    facts, window = each.facts, each.window
    return (
        each.model, each.thinking or "-", figure(window.asked), figure(window.granted), figure(window.trained), facts.sampling.origin,
        f"{facts.server_version}" or "-", facts.digest[:19] or "-", percent(facts.on_gpu), str(each.trials),
    )  # fmt: skip
