"""What the sandbox measurements share: a prepared image, a clock around a call, a table."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from harness.core.machine import PreparedImage
from harness.core.ports import Order
from harness.core.task import ImageTag, Place
from sandboxes.docker import create
from sandboxes.docker_base import TAG
from sandboxes.docker_images import create as create_images
from sandboxes.docker_sandbox import DockerSandbox

PLACE = Place(ImageTag(TAG), workdir="/workspace", memory_mb=1024, pids=512, cpus=2.0)


def prepare() -> PreparedImage:
    """The base image, derived as a task's would be."""
    images = create_images()
    try:
        return images.prepare(PLACE, print)
    finally:
        images.close()


def open_sandbox(image: PreparedImage) -> AbstractContextManager[DockerSandbox]:
    return create().open(Order(image, PLACE, (("run", "benchmark"),)))


def clock(call: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1e3


def medians(calls: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Median milliseconds of each call, taken in turn so that a busy moment hits all alike."""
    rows = [[clock(call) for call in calls] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def docker(*words: str, stdin: bytes = b"") -> bytes:
    """The plain command line client, which is what we are measured beside."""
    return subprocess.run(("docker", *words), input=stdin, capture_output=True, check=True).stdout


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table in plain text; numbers to the right."""
    cells = [[f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    widths = [max(len(line[at]) for line in [list(columns), *cells]) for at in range(len(columns))]
    print(f"\n{title}")
    for line in (list(columns), *cells):
        first, *others = (
            word.ljust(width) if at == 0 else word.rjust(width)
            for at, (word, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join((first, *others)).rstrip())
