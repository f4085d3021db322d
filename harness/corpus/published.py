"""The figures of the last full scorecard, kept beside the code: they decide which detector is experimental, and what reports must say of it."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Final

import msgspec

from harness.core.errors import StoreError
from harness.corpus.scorecard import SCHEMA, Scorecard

FIGURES: Final = "scorecard.json"


@lru_cache(maxsize=1)
def published() -> Scorecard | None:
    """None where no full scorecard was ever kept. Raises StoreError, in one sentence, for a file that is none."""
    place = files("harness.corpus").joinpath(FIGURES)
    return read(place.read_bytes(), FIGURES) if place.is_file() else None


def read(data: bytes, name: str) -> Scorecard:
    """Raises StoreError for what is no scorecard of this format."""
    try:
        card = msgspec.json.decode(data, type=Scorecard)
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise StoreError(f"{name}: not a scorecard: {fault}") from fault
    if card.schema != SCHEMA:
        raise StoreError(f"{name}: schema {card.schema!r}, expected {SCHEMA!r}")
    return card


def experimental(kind: str, version: int, card: Scorecard | None) -> str:
    """Why findings of this kind stand in no headline; "" where they may. `version`: of the detector as it is now."""
    found = next((each for each in card.kinds if each.kind == kind), None) if card else None
    if card is None or found is None:
        return "never scored"
    if not card.full:
        return "scored on a slice only"
    if found.version != version:
        return f"scored as version {found.version}, this is version {version}"
    return "" if found.word == "holds" else found.why or found.word
