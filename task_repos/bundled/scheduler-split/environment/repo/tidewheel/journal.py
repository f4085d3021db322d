"""Events as lines of a file, and lines as events again."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tidewheel import core
from tidewheel.core import Event, EventBus, RunFinished, StoreError


class Journal:
    """Appends each event of a bus to a file, one JSON object per line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def follow(self, bus: EventBus) -> Callable[[], None]:
        """Write down what the bus tells from now on; returns a function that ends it."""
        return bus.subscribe(self.write)

    def write(self, event: Event) -> None:
        """Append one event; raises StoreError."""
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(_record(event)) + "\n")
        except OSError as error:
            raise StoreError(self.path, str(error)) from error

    def entries(self) -> Iterator[dict[str, Any]]:
        """The lines as data, oldest first; a last line without an end is left out."""
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):
                yield json.loads(line)

    def runs(self) -> Iterator[core.Run]:
        """The runs that the journal knows of."""
        for entry in self.entries():
            if entry["event"] == "run finished" and entry["run"]:
                yield core.decode(entry["run"])


def _record(event: Event) -> dict[str, Any]:
    record = {"event": event.kind, "job": event.job, "at": event.at.isoformat()}
    if isinstance(event, RunFinished):
        record["run"] = core.encode(event.run)
    return record
