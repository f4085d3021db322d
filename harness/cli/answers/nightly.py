"""Runs as a gate reads them, and the words of a command line that a gate and a baseline share."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from harness.answer.night.gate import Tonight
from harness.answer.night.sheets import sheet
from harness.answer.side import sides
from harness.cli.record.runs import Held, held
from harness.core.errors import PlanError
from harness.core.trial import Outcome
from harness.report.readout import rows
from harness.settings import Settings
from harness.wiring.digests import of_harness


def opened(word: str, settings: Settings) -> tuple[Tonight, Path]:
    """A run with its rows as today's judge has them, and its folder. Raises PlanError."""
    run = held(word, settings)
    night = of(run, of_harness())
    try:
        sound(night)
    except ValueError as fault:
        raise PlanError(str(run.store.folder / "run.sqlite"), "", str(fault), "rows as a judge wrote them") from fault
    return night, run.store.folder


def of(run: Held, judge: str) -> Tonight:
    """`judge`: this longhaul's digest, which takes reading all of it: whoever opens many runs asks once."""
    meta = run.store.meta
    return Tonight(meta("run"), meta("name"), meta("created"), run.plan.seed, rows(run.store, run.tasks, judge), run.plan.name)


def sound(night: Tonight) -> None:
    """Raises ValueError for rows that no judge of ours wrote: an end of another name would count nowhere, and so raise a rate."""
    unknown = {row.outcome for row in night.rows} - set(Outcome)
    if unknown:
        raise ValueError(f"outcome {min(unknown)!r}, which is none of {', '.join(Outcome)}")
    for side in sides((night.run, row) for row in night.rows):
        sheet(side)


def names(given: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """What may be accepted. Raises PlanError for a name that is none."""
    for word in given:
        if word not in known:
            near = difflib.get_close_matches(word, known, 1)
            raise PlanError("", "--accept", repr(word), f"{f'{near[0]}, perhaps: ' if near else ''}one of {', '.join(known)}")
    return tuple(dict.fromkeys(given))


def apart(**files: Path | None) -> None:
    """Raises PlanError for one file under two options: the second would take the first one's place, a baseline's too."""
    seen: dict[Path, str] = {}
    for name, path in files.items():
        if path is not None and (first := seen.setdefault(path.resolve(), name)) != name:
            raise PlanError(str(path), f"--{name}", f"the file of --{first}", "a file of its own")


def share(figure: float, option: str) -> float:
    """Raises PlanError for what is no rate; NaN is none."""
    if not 0 < figure < 1:
        raise PlanError("", option, f"{figure:g}", "a rate between 0 and 1, such as 0.10")
    return figure
