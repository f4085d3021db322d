"""Code that is the user's own: where it is looked for, and what it raises as one sentence that names its file and line."""

from __future__ import annotations

import sys
import sysconfig
import traceback
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from harness.core.errors import HarnessError, PlanError
from harness.engine.world import Interrupted

HOME = Path(__file__).resolve().parents[2]


class PluginFault(PlanError):
    """A plugin was found and raised what it must not."""


def look_here() -> None:
    """Make modules of the current directory importable: behind everything else, so that a folder called `agents` there hides nothing of ours.

    An editable install finds our own packages only after the whole path; so their home goes before the user's.
    """
    for place in (str(HOME), str(Path.cwd())):
        if place not in sys.path:
            sys.path.append(place)


class Foreign:
    """`with Foreign(field, what, expected):` whatever the plugin's code raises becomes a PluginFault; our own errors pass."""

    def __init__(self, field: str, what: str, expected: str) -> None:
        self._field, self._what, self._expected = field, what, expected

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> Literal[False]:
        # A file that calls sys.exit while it is imported must not end the command without a word.
        if isinstance(fault, (Exception, SystemExit)) and not isinstance(fault, (HarnessError, Interrupted)):
            raise PluginFault("", self._field, f"{self._what}: {told(fault)}", self._expected) from fault
        return False


def told(fault: BaseException) -> str:
    """Type, text and place of what was raised."""
    text = f"{type(fault).__name__}: {fault}" if str(fault) else type(fault).__name__
    return f"{text} ({place})" if (place := origin(fault)) and not isinstance(fault, SyntaxError) else text


def origin(fault: BaseException) -> str:
    """FILE:LINE of the innermost frame that is neither Python's own nor the harness's, "" where there is none."""
    ours = (str(HOME / "harness"), sysconfig.get_path("stdlib") + "/", "<")
    frames = [frame for frame in traceback.extract_tb(fault.__traceback__) if not frame.filename.startswith(ours)]
    installed = str(sysconfig.get_path("purelib"))
    own = [frame for frame in frames if not frame.filename.startswith(installed)] or frames
    return f"{own[-1].filename}:{own[-1].lineno}" if own else ""
