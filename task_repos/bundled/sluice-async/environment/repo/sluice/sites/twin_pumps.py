"""Twin pumps: two stations are exercised at the same time, each held by a thread of its own."""

from __future__ import annotations

import threading

from sluice.errors import SluiceError
from sluice.gateway import Gateway


def exercise(gateway: Gateway, stations: tuple[str, ...], steps: tuple[float, ...]) -> dict[str, list[float] | str]:
    """Move the gate of each station through the steps and back; what was read back, or what went wrong."""
    results: dict[str, list[float] | str] = {}

    def run(station: str) -> None:
        try:
            with gateway.hold(station) as held:
                before = held.read("gate")["gate"]
                found = [held.write("gate", step) for step in steps]
                if before is not None:
                    held.write("gate", before)
            results[station] = found
        except SluiceError as error:
            results[station] = str(error)

    threads = [threading.Thread(target=run, args=(station,)) for station in stations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return dict(sorted(results.items()))
