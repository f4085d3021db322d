"""From a command's deadline until nothing of it is left, for every attack of the tests; plain docker has only the whole container's end."""

from __future__ import annotations

import statistics

import msgspec

from benchmarks.sandbox_measure import clock, docker, open_sandbox, prepare, show
from sandboxes.docker_sandbox import DockerSandbox
from tests.sandboxes.attacks import ENDLESS

REPEATS = 5
DEADLINE_S = 0.4


class Kill(msgspec.Struct, frozen=True):
    """Milliseconds over the deadline (median, worst), processes left alive (must be 0), and the next command's round trip."""

    attack: str
    median: float
    worst: float
    survivors: int
    next_call: float


def measure() -> tuple[Kill, ...]:
    image = prepare()
    with open_sandbox(image) as sandbox:
        return tuple(measure_one(sandbox, name) for name in ENDLESS)


def measure_one(sandbox: DockerSandbox, name: str) -> Kill:
    over, survivors, following = [], 0, []
    for _ in range(REPEATS):
        over.append(clock(lambda: sandbox.shell(ENDLESS[name], deadline=DEADLINE_S)) - DEADLINE_S * 1e3)
        survivors += sandbox.changes().alive
        following.append(clock(lambda: sandbox.shell("true", deadline=30)))
    return Kill(name, statistics.median(over), max(over), survivors, statistics.median(following))


def measure_plain() -> float:
    """Ending a container with all in it by the plain client, the only complete kill it has."""
    with open_sandbox(prepare()) as sandbox:
        name = sandbox.facts.container
        sandbox.shell("(yes > /dev/null &)", deadline=30)
        return clock(lambda: docker("rm", "-f", name))


def main() -> None:
    rows = [(row.attack, row.median, row.worst, row.survivors, row.next_call) for row in measure()]
    show("Kills at the deadline", ("attack", "ms over, median", "ms over, worst", "survivors", "next call, ms"), rows)
    print(f"plain docker kills only the whole container (`docker rm -f`): {measure_plain():.0f} ms")


if __name__ == "__main__":
    main()
