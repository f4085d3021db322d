"""Which message parts of a try are on record already; each is written once, whoever brings it first."""

from __future__ import annotations

from harness.core.chat import Message, PartId
from harness.core.parts import added
from harness.core.ports import Blobs
from harness.engine.recorder import Recorder


class Known:
    """One try's parts. Agents that ask no model have them on record, too: a request's words are part of the story."""

    def __init__(self, blobs: Blobs, record: Recorder) -> None:
        self._blobs, self._record = blobs, record
        self._ids: set[PartId] = set()

    def add(self, message: Message) -> None:
        """Record the parts of a message that are not on record yet. Raises StoreError."""
        for part in message.parts:
            if part.id not in self._ids:
                self._ids.add(part.id)
                self._record(added(message, part, self._blobs.put))
