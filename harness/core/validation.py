"""What is known of a task before a model sees it."""

from __future__ import annotations

import msgspec


class Validation(msgspec.Struct, frozen=True):
    """Of one task on one image by one harness, `under` what a user's own words made of both ("" for nothing). `reason` is one of the reasons of `invalid`, "" for a healthy task; `oracle` is (passed, runs).

    `flaky`: ids that the oracle both passed and failed; `twin`: ids whose mutants it failed every time, None where none was tried;
    `shared`: the oracle passes only in the agent's own container; `leaks`: where the solution or hidden tests lie in the image.
    `trial` of `run` tells most of an unhealthy task, "" for a healthy one.
    """

    task: str
    digest: str
    healthy: bool
    reason: str
    oracle: tuple[int, int]
    idle: str
    evidence: tuple[str, ...] = ()
    run: str = ""
    trial: str = ""
    image: str = ""
    harness: str = ""
    under: str = ""
    made: str = ""
    shared: bool = False
    flaky: tuple[str, ...] = ()
    twin: tuple[str, ...] | None = None
    leaks: tuple[str, ...] = ()
