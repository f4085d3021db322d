"""A look at the tree after one changed file, at 200, 2,000 and 20,000 files, beside `git` and `docker diff` by the plain client."""

from __future__ import annotations

import msgspec

from benchmarks.sandbox_measure import clock, docker, medians, open_sandbox, prepare, show
from sandboxes.docker_sandbox import DockerSandbox

SIZES = (200, 2_000, 20_000)
ROUNDS = 15
FILL = "python3 -c \"import os\nfor n in range({size}):\n    d = 'd%03d' % (n % 100); os.makedirs(d, exist_ok=True); open(d + '/f%05d' % n, 'w').write('line %d\\n' % n * 40)\""
GIT = "git add -A && git write-tree"


class Snapshot(msgspec.Struct, frozen=True):
    """Milliseconds: the first look (metadata only), a look after one change, the same with git and `docker diff` by `docker exec`."""

    files: int
    first: float
    again: float
    git_exec: float
    diff: float


def measure(sizes: tuple[int, ...] = SIZES) -> tuple[Snapshot, ...]:
    image = prepare()
    found = []
    for size in sizes:
        with open_sandbox(image) as sandbox:
            found.append(measure_one(sandbox, size))
    return tuple(found)


def measure_one(sandbox: DockerSandbox, size: int) -> Snapshot:
    name = sandbox.facts.container
    sandbox.shell(FILL.format(size=size), deadline=300)
    first = clock(sandbox.prime)
    rounds = [look(sandbox, number) for number in range(ROUNDS)]
    git = ("exec", "-u", "1000", "-w", "/workspace", name, "sh", "-c")
    docker(*git, f"git init -q . && {GIT}")
    plain, diff = medians((lambda: docker(*git, f"date > d001/f00001 && {GIT}"), lambda: docker("diff", name)), 3)
    return Snapshot(size, first, sorted(rounds)[ROUNDS // 2], plain, diff)


def look(sandbox: DockerSandbox, number: int) -> float:
    sandbox.shell(f"echo {number} > d001/f00001", deadline=30)
    return clock(sandbox.changes)


def main() -> None:
    rows = [(f"{row.files:,} files", row.first, row.again, row.git_exec, row.diff) for row in measure()]
    show("Snapshots", ("ms", "first look", "after one change", "git by `docker exec`", "`docker diff`"), rows)


if __name__ == "__main__":
    main()
