"""What a local model was measured to do before its first trial, and under what that holds."""

from __future__ import annotations

import msgspec


class Pairing(msgspec.Struct, frozen=True):
    """What a measurement holds for: a model as a server serves it, with the agent that asks it. `window` in tokens, None: not told."""

    model: str
    digest: str
    server: str
    version: str
    window: int | None
    thinking: str
    agent: str


class Measured(msgspec.Struct, frozen=True):
    """None: not known; then `missing` says why, as (probe, reason).

    `prefill`: tokens a second of a prompt that no cache knew; `decode`: tokens a second written; `trip_s`: seconds of a question, a tool call and
    the answer to its result, the tool's own time left out; `edit`: whether it called a tool with valid arguments when asked for a change, in
    `edit_s`; `needle`: whether it found a word in a prompt of `needle_tokens`; `seconds`: what all of it took; `when`: a day, YYYY-MM-DD.
    """

    prefill: float | None = None
    decode: float | None = None
    trip_s: float | None = None
    edit: bool | None = None
    edit_s: float | None = None
    needle: bool | None = None
    needle_tokens: int | None = None
    seconds: float = 0.0
    missing: tuple[tuple[str, str], ...] = ()
    when: str = ""

    @property
    def paced(self) -> bool:
        """Whether it tells how fast the model reads and writes."""
        return self.prefill is not None and self.decode is not None
