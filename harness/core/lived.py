"""The events of a try that goes on from another one or over several steps, and what such a try needs beside the workspace."""

from __future__ import annotations

import msgspec

from harness.core.agent import Stop
from harness.core.blob import Blob


class PastLived(msgspec.Struct, frozen=True, tag=True):
    """A try that goes on from another's `turn`: its agent was led through the past by what is on record, and no model was asked.

    What that past had spent counts against the limits of this try: calls, tokens, seconds (all, and of tools), and USD where the past
    was of the same trial. `past`: the lived entries, where another run's record has them, and in `held` what their words need beside
    them. `lost`: a sentence for each thing that was not restored.
    """

    turn: int
    tool_calls: int
    tokens: int
    seconds: float
    tool_seconds: float
    cost_usd: float | None = None
    past: Blob | None = None
    held: tuple[Blob, ...] = ()
    lost: tuple[str, ...] = ()


class OutsideSeen(msgspec.Struct, frozen=True, tag=True):
    """Paths that differ from the image's outside the workspace once the agent has stopped; `paths` the first 200 of `total`."""

    paths: tuple[str, ...]
    total: int


class OutsideKept(msgspec.Struct, frozen=True, tag=True):
    """The whole machine at the end of this turn, kept as an image of the engine ("sha256:..."), because it differs outside the workspace."""

    turn: int
    image: str


class StepEnded(msgspec.Struct, frozen=True, tag=True):
    """The harness closed a step of several and grades it now. `stop` None: the conversation goes on with the next one; else it ended so."""

    step: str
    stop: Stop | None
