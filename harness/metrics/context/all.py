"""Every detector there is, found by looking into their folder, and what all of them say of a try."""

from __future__ import annotations

import hashlib
import pkgutil
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

from harness.core.findings import Finding
from harness.metrics.context import detectors as room
from harness.metrics.context.roots import rooted
from harness.metrics.context.scene import Scene


class Detector(msgspec.Struct, frozen=True):
    """`name`: its module's; `to_target`: kinds held to the target of precision and recall, the others are experimental."""

    name: str
    kinds: tuple[str, ...]
    version: int
    to_target: frozenset[str]
    find: Callable[[Scene], Iterable[Finding]]


if TYPE_CHECKING:
    DETECTORS: tuple[Detector, ...]
else:

    def __getattr__(name: str) -> object:
        """`DETECTORS` is made when it is first asked for, so that importing this module imports no detector."""
        if name == "DETECTORS":
            return detectors()
        raise AttributeError(name)


@lru_cache(maxsize=1)
def detectors() -> tuple[Detector, ...]:
    """Modules of the folder that have `find`, by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(room.__path__))
    modules = [(name, import_module(f"{room.__name__}.{name}")) for name in names]
    return tuple(
        Detector(name, tuple(module.KINDS), module.VERSION, frozenset(module.TO_TARGET), module.find)
        for name, module in modules if hasattr(module, "find")
    )  # fmt: skip


def findings(scene: Scene) -> tuple[Finding, ...]:
    """What all detectors say, linked to root causes, in order of turns. Raises StoreError."""
    return rooted((found for detector in detectors() for found in detector.find(scene)), scene)


def of_kind(kind: str) -> Detector | None:
    """The detector that reports this kind."""
    return next((one for one in detectors() if kind in one.kinds), None)


def version() -> str:
    """Twelve hex digits that change whenever a detector is added, taken out or given a new version."""
    told = "\n".join(f"{one.name} {one.version} {','.join(one.kinds)}" for one in detectors())
    return hashlib.sha256(told.encode()).hexdigest()[:12]
