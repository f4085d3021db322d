"""The audit file of this machine: what two people said of the detectors, and what may be said of figures because of it."""

from __future__ import annotations

import math
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from harness.answer.audit.outcome import SCHEMA, Audit, Standing, standing
from harness.core.errors import PlanError
from harness.core.regular import read_regular
from harness.metrics.context.all import version
from harness.settings import Settings

NAME: Final = "audit.json"
MOST: Final = 4 << 20


def place(settings: Settings) -> Path:
    """Where it stands, whether or not it is there."""
    return settings.home / NAME


def audited(settings: Settings) -> Audit | None:
    """That of this machine, else the one that came with the detectors, else None.

    Raises PlanError for one that can't be read: a damaged file must not pass for no audit, nor for a good one.
    """
    path, shipped = place(settings), files("harness.corpus").joinpath(NAME)
    try:
        return read(read_regular(path, MOST), str(path))
    except (FileNotFoundError, NotADirectoryError):
        return read(shipped.read_bytes(), f"harness/corpus/{NAME}") if shipped.is_file() else None
    except OSError as fault:
        raise PlanError(str(path), "", fault.strerror or str(fault), "a readable audit file") from fault


def read(data: bytes, name: str) -> Audit:
    """Raises PlanError naming file, field, found and expected."""
    try:
        told = msgspec.json.decode(data, type=Audit)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        what, _, field = str(fault).partition(" - at ")
        raise PlanError(name, field.strip("`").removeprefix("$."), what, f"what `longhaul audit RUN --answers` writes ({SCHEMA})") from fault
    for field, found, expected in _odd(told):
        raise PlanError(name, field, found, expected)
    return told


def _odd(told: Audit) -> list[tuple[str, object, str]]:
    odd: list[tuple[str, object, str]] = []
    if told.schema != SCHEMA:
        odd.append(("schema", repr(told.schema), SCHEMA))
    if told.n != told.findings + told.turns:
        odd.append(("n", told.n, f"{told.findings} findings and {told.turns} turns together"))
    bounds = (told.kappa.value, told.kappa.low, told.kappa.high)
    if any(each is not None and not (math.isfinite(each) and -1 <= each <= 1) for each in bounds) or None in bounds != (None, None, None):
        odd.append(("kappa", bounds, "three figures from -1 to 1, or none"))
    if told.kappa.accepted != (told.kappa.value is not None and told.kappa.value >= 0.8):
        odd.append(("kappa.accepted", told.kappa.accepted, "what its value says"))
    odd += [(f"classes.{name}", f"{each.right} of {each.findings}, {each.missed} of {each.turns}", "as many at most") for name, each in told.classes.items()
            if not (0 <= each.right <= each.findings and 0 <= each.missed <= each.turns)]  # fmt: skip
    odd += [(f"classes.{name}.good", each.good, "what its counts say") for name, each in told.classes.items()
            if each.good != (each.findings > 0 and each.right >= 0.9 * each.findings)]  # fmt: skip
    return odd


def sentence(settings: Settings) -> Standing:
    """What stands beside every figure of these detectors on this machine. Raises PlanError."""
    return standing(audited(settings), version())
