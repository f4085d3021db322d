"""What `longhaul run --estimate` says of a night beside the night itself, on a real server with a hand-scripted model.

Twice: from measured speeds and stated assumptions alone, which know nothing of this model's three short turns, and with one past run of one attempt.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, told
from tests.end_to_end.foretold import Ground
from tests.services.build import ollama_034
from tests.services.servers import serving_ollama

TASKS, QUICK_TASKS = 6, 2
ATTEMPTS = 3
MOST = 0.30


def measure(quick: bool) -> tuple[Figure, ...]:
    tasks = QUICK_TASKS if quick else TASKS
    with tempfile.TemporaryDirectory() as folder, serving_ollama(ollama_034(), Path(folder) / "server") as server:
        ground = Ground(Path(folder), server, tasks)
        bare = ground.estimate("-n", str(ATTEMPTS))
        ground.run("-n", "1")
        known = ground.estimate("-n", str(ATTEMPTS))
        ground.run("-n", str(ATTEMPTS))
        real = ground.lasted()
    found = bare["measured"][0]["measured"]
    assumed, foretold = 3600 * bare["hours"]["likely"], 3600 * known["hours"]["likely"]
    of = f"{tasks} tasks x {ATTEMPTS} attempts, two at a time"
    return (
        Figure("measured", "measuring the model: reading, writing, a round trip, an edit, a needle", found["seconds"], "s", most=120),
        Figure("real", f"the night itself: {of}", real, "s"),
        Figure("foretold", "estimated with one past run of one attempt", foretold, "s"),
        Figure("error", "its error, a share of the real time", abs(foretold / real - 1), "", most=MOST),
        Figure("assumed", "estimated without any past run: measured speeds, assumed turns and tokens", assumed, "s"),
        Figure("assumed_ratio", "that over the real time (the assumption is a trial of 30 turns; this one has 2)", assumed / real, ""),
    )


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
