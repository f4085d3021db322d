"""Scripts: lists of named steps in JSON that users keep and run again.

A step is ``{"action": NAME, "params": {...}}``.  Names and parameters are documented for
users and stay as they are:

- ``post``: date, debit, credit, amount, memo, ref
- ``split``: date, legs (pairs of account and amount), memo, ref
- ``undo``: number, or ref of the entry; date, memo
- ``archive``: code of an account
- ``note``: text, kept in the result and nowhere else

A value ``"$NAME"`` is taken from the variables of the run, and a step with ``"as": NAME``
leaves the number of its entry there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from ledgerlite.book import Book
from ledgerlite.errors import LedgerError

Params = dict[str, object]

BOOK_ACTIONS = {
    "post": "post",
    "split": "post_split",
    "undo": "reverse",
}


@dataclass(slots=True)
class Run:
    """State of one run: variables, numbers of entries made, notes."""

    variables: dict[str, object] = field(default_factory=dict)
    entries: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _prepare_split(book: Book, params: Params) -> Params:
    legs = params.get("legs")
    if not isinstance(legs, list):
        raise LedgerError("split needs a list of legs")
    return {**params, "legs": [(str(code), Decimal(str(amount))) for code, amount in legs]}


def _prepare_undo(book: Book, params: Params) -> Params:
    """Replace a reference by the number of its entry."""
    prepared = dict(params)
    if "ref" in prepared:
        entry = book.find_ref(str(prepared.pop("ref")))
        if entry is None:
            raise LedgerError(f"undo: no entry with reference {params['ref']!r}")
        prepared["number"] = entry.number
    return prepared


PREPARE: dict[str, Callable[[Book, Params], Params]] = {
    "split": _prepare_split,
    "undo": _prepare_undo,
}


def run_step(book: Book, step: dict[str, object], run: Run | None = None) -> int | None:
    """Run one step; returns the number of the entry that it made, if any.

    Raises LedgerError for an unknown action or parameters that do not fit it.
    """
    state = run if run is not None else Run()
    name = str(step.get("action"))
    params = _fill(step.get("params") or {}, state.variables)
    if name == "archive":
        book.chart.archive(str(params["code"]))
        return None
    if name == "note":
        state.notes.append(str(params["text"]))
        return None
    if name not in BOOK_ACTIONS:
        raise LedgerError(f"unknown action {name!r}")
    prepare = PREPARE.get(name)
    ready = prepare(book, params) if prepare else params
    try:
        number: int = getattr(book, BOOK_ACTIONS[name])(**ready)
    except TypeError as error:
        raise LedgerError(f"{name}: {error}") from error
    state.entries.append(number)
    if "as" in step:
        state.variables[str(step["as"])] = number
    return number


def run_script(
    book: Book, steps: Iterable[dict[str, object]], variables: dict[str, object] | None = None
) -> Run:
    """Run steps in order; what came before a failing step stays entered."""
    run = Run(dict(variables or {}))
    for position, step in enumerate(steps, start=1):
        try:
            run_step(book, step, run)
        except LedgerError as error:
            raise LedgerError(f"step {position}: {error}") from error
    return run


def load_script(path: Path) -> list[dict[str, object]]:
    steps = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(steps, list):
        raise LedgerError(f"{path}: a script is a list of steps")
    return steps


def _fill(params: object, variables: dict[str, object]) -> Params:
    if not isinstance(params, dict):
        raise LedgerError("params must be an object")
    filled: Params = {}
    for key, value in params.items():
        if isinstance(value, str) and value.startswith("$"):
            if value[1:] not in variables:
                raise LedgerError(f"variable {value[1:]!r} is not set")
            value = variables[value[1:]]
        filled[key] = value
    return filled
