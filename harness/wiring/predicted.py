"""The patches of a run that were made elsewhere: kept with its record, and given to the tool that lays them over base."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Protocol

import msgspec

from harness.core.blob import Blob
from harness.core.errors import StoreError
from harness.core.trial import TrialKey

AGENT: Final = "prediction"
META: Final = "predictions"


class Recorded(Protocol):
    """What of a store is needed to read them."""

    def meta(self, name: str) -> str: ...


class Patches(msgspec.Struct, frozen=True):
    """(task, model, patch) of each prediction."""

    rows: tuple[tuple[str, str, Blob], ...] = ()

    def of(self, key: TrialKey, get: Callable[[Blob], bytes]) -> bytes:
        """The patch of a trial, "" for one of another agent. Raises StoreError where it is not on record."""
        if key.agent != AGENT:
            return b""
        for task, model, blob in self.rows:
            if (task, model) == (key.task, key.model):
                return get(blob)
        raise StoreError(f"the patch of {key.model} for {key.task} is not on record")


def kept(store: Recorded) -> Patches:
    """Those of a run; none for a run of agents."""
    text = store.meta(META)
    return Patches(msgspec.json.decode(text, type=tuple[tuple[str, str, Blob], ...])) if text else Patches()


def words(rows: Iterable[tuple[str, str, Blob]]) -> str:
    """How a run's record says them."""
    return msgspec.json.encode(tuple(rows)).decode()
