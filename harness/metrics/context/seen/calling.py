"""A tool call while it is read: what was wished, what came back, and the trees around it."""

from __future__ import annotations

import hashlib

from harness.core.blob import Blob
from harness.core.chat import PartId
from harness.core.events import ToolCalled, ToolReturned
from harness.metrics.context.scene import Did
from harness.metrics.context.seen.arguments import parsed
from harness.metrics.context.seen.life import Get


class Calling:
    """Filled event by event; `did()` once its turn is over."""

    def __init__(self, ident: str, event: ToolCalled, seq: int, tree: str, get: Get) -> None:
        """`ident`: the call's id, told apart from an earlier call of the same id; `tree`: as it was before."""
        self._ident, self._name, self._seq = ident, event.name, seq
        self.id = event.id
        self._raw = event.raw_arguments if event.blob is None else _words(event.blob, get)
        self._before = self._after = tree
        self._returned: tuple[int, ToolReturned] | None = None
        self._shown: tuple[PartId, str] | None = None

    @property
    def unshown(self) -> bool:
        """It came back, and what the model is shown of it is not on record yet."""
        return self._returned is not None and self._shown is None

    def returned(self, seq: int, event: ToolReturned) -> None:
        self._returned = (seq, event)

    def seen(self, tree: str) -> None:
        self._after = tree

    def shown(self, part: PartId, text: str) -> None:
        self._shown = (part, text)

    @property
    def part(self) -> PartId:
        """Where the model is shown the output, "" where it is not on record."""
        return self._shown[0] if self._shown else ""

    def did(self) -> Did:
        seq, event = self._returned or (None, None)
        part, text = self._shown or ("", "")
        if event is None:
            problem, blame, ok, code = "", None, False, None
        else:
            problem, blame, ok, code = event.problem, event.blame, event.ok, event.exit_code
        return Did(
            self._ident, self._name, self._raw, parsed(self._raw), ok, code, problem, blame, text, _digest(event, text),
            part, self._before, self._after, self._seq, seq,
        )  # fmt: skip


def _digest(event: ToolReturned | None, text: str) -> str:
    """Of the whole output; "" where nothing came back."""
    if event is None:
        return ""
    return event.blob.sha256 if event.blob else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _words(blob: Blob, get: Get) -> str:
    return get(blob).decode("utf-8", "surrogatepass")
