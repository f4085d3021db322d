"""Which columns a table of the page has: one that would hold only zeros or dashes is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from harness.report.cells import Cell

Columns = tuple[tuple[str, str], ...]
"""Field and head of each."""

SPANS: Columns = (
    ("prefill", "Prompt"), ("decode", "Decode"), ("model_other", "Model, other"), ("tool", "Tools"), ("harness", "Harness"),
    ("waiting", "Waiting"), ("grading", "Grading"),
)  # fmt: skip
SPEEDS: Columns = (("prefill", "Prompt"), ("decode", "Output"), ("overall", "Overall"))


def spans(cells: Sequence[Cell]) -> Columns:
    """Who spent time at all. Where no server told prompt from decode, all of the model's time is called so."""
    used = tuple((name, head) for name, head in SPANS if any(getattr(cell.time, name) for cell in cells))
    split = {name for name, _ in used} & {"prefill", "decode"}
    return tuple((name, "Model" if name == "model_other" and not split else head) for name, head in used)


def speeds(cells: Sequence[Cell]) -> Columns:
    """Those that any cell has a figure for."""
    return tuple((name, head) for name, head in SPEEDS if any(getattr(cell.speed, name) is not None for cell in cells))


def stop_names(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Ends that a trial came to."""
    used = {name for cell in cells for name, trials in cell.stops if trials}
    return tuple(name for name, _ in cells[0].stops if name in used) if cells else ()


COLUMNS: Mapping[str, Callable[[Sequence[Cell]], object]] = {each.__name__: each for each in (spans, speeds, stop_names)}
"""By the names that the templates call them."""
