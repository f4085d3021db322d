"""The `llama-server`s of a test session: one process per model and window, started when first asked for."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.services.scripted_gguf import TRAINED_WINDOW, Architecture, digest_of, write_model
from tests.services.scripted_script import Wanted
from tests.services.servers import Process, serving_llama

if TYPE_CHECKING:
    from pathlib import Path


class LlamaServers:
    """Starts a server per order and ends them all on `close`; the model's name on each is `scripted`."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self.binary, self.folder = binary, folder
        self._running: dict[str, Process] = {}
        self._ends = ExitStack()

    @property
    def url(self) -> str:
        """The address of a server with the plain agent and a window of 2048."""
        return self.serve(Wanted()).url

    def serve(self, wanted: Wanted, *, window: int = 2048, architecture: Architecture = "llama") -> Process:
        """The running server of an order."""
        name = f"{architecture}-{window}-{digest_of(wanted, architecture, TRAINED_WINDOW)}"
        if name not in self._running:
            model = write_model(self.folder / f"{name}.gguf", wanted, architecture=architecture)
            serving = serving_llama(self.binary, model.path, self.folder / f"{name}.log", window=window)
            self._running[name] = self._ends.enter_context(serving)
        return self._running[name]

    def close(self) -> None:
        """End every server that was started."""
        self._ends.close()
