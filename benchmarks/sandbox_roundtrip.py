"""Round trips, files, output and start of a sandbox, beside the host's own bash, `docker exec` and `docker run`."""

from __future__ import annotations

import subprocess
from pathlib import PurePosixPath

import msgspec

from benchmarks.sandbox_measure import clock, docker, medians, open_sandbox, prepare, show
from harness.core.machine import PreparedImage
from sandboxes.docker_sandbox import DockerSandbox

ROUNDS = 60
STARTS = 8
TEN_KB = bytes(range(256)) * 40
FILE = PurePosixPath("/workspace/file")
MEGABYTE = "head -c 1048576 /dev/zero"
LIMIT = 2.5


class RoundTrip(msgspec.Struct, frozen=True):
    """Milliseconds (medians), ours and plain docker's; `host` is `bash -c true` outside any container."""

    host: float
    true: float
    true_exec: float
    files: float
    files_exec: float
    megabyte: float
    megabyte_exec: float
    start: float
    start_run: float

    @property
    def true_ratio(self) -> float:
        return self.true / self.host

    @property
    def files_ratio(self) -> float:
        return self.files / self.host


def measure() -> RoundTrip:
    """All in one run, in turn."""
    image = prepare()
    with open_sandbox(image) as sandbox:
        name = sandbox.facts.container
        host, true, files, megabyte = medians(
            (
                lambda: subprocess.run(("bash", "-c", "true"), check=True),
                lambda: sandbox.shell("true", deadline=30),
                lambda: write_and_read(sandbox),
                lambda: sandbox.shell(MEGABYTE, deadline=30),
            ),
            ROUNDS,
        )
        true_exec, files_exec, megabyte_exec = medians(
            (
                lambda: docker("exec", name, "bash", "-c", "true"),
                lambda: write_and_read_plainly(name),
                lambda: docker("exec", name, "bash", "-c", MEGABYTE),
            ),
            ROUNDS // 6,
        )
    start, start_run = medians((lambda: start_ours(image), lambda: start_plainly(image)), STARTS)
    return RoundTrip(host, true, true_exec, files, files_exec, megabyte, megabyte_exec, start, start_run)


def write_and_read(sandbox: DockerSandbox) -> None:
    sandbox.write(FILE, TEN_KB)
    assert sandbox.read(FILE) == TEN_KB


def write_and_read_plainly(name: str) -> None:
    docker("exec", "-i", name, "sh", "-c", "cat > /tmp/file", stdin=TEN_KB)
    assert docker("exec", name, "cat", "/tmp/file") == TEN_KB


def start_ours(image: PreparedImage) -> None:
    with open_sandbox(image) as sandbox:
        sandbox.shell("true", deadline=30)


def start_plainly(image: PreparedImage) -> None:
    docker("run", "--rm", "--network", "none", "--entrypoint", "bash", image.reference, "-c", "true")


def main() -> None:
    told = measure()
    rows = (
        ("`true`", told.true, told.true_exec, told.true_ratio),
        ("10 KB written and read", told.files, told.files_exec, told.files_ratio),
        ("1 MiB of output", told.megabyte, told.megabyte_exec, told.megabyte / told.host),
        ("start, `true`, removal", told.start, told.start_run, told.start / told.host),
    )
    columns = ("ms, median", "ours", "plain docker", "ours / host `bash -c true`")
    show(
        f"Round trips (host `bash -c true`: {told.host:.2f} ms; limit for the first two: {LIMIT} of it)", columns, rows
    )
    alone = clock(lambda: subprocess.run(("bash", "-c", "true"), check=True))
    print(f"plain docker: `docker exec`, for the last row `docker run --rm`; one more host call: {alone:.2f} ms")


if __name__ == "__main__":
    main()
