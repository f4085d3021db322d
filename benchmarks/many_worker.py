"""One worker of the bare measure: a sandbox for each trial, its thirty calls, and no record of any of it."""

from __future__ import annotations

import json
import sys
from pathlib import PurePosixPath

from benchmarks.sandbox_measure import open_sandbox, prepare
from benchmarks.thirty import calls
from benchmarks.trials_worker import cpu_seconds
from harness.core.machine import PreparedImage
from harness.core.ports import Sandbox


def perform(image: PreparedImage) -> None:
    with open_sandbox(image) as sandbox:
        for call in calls():
            act(sandbox, call.name, json.loads(call.raw_arguments))


def act(sandbox: Sandbox, name: str, words: dict[str, str]) -> None:
    match name:
        case "shell":
            sandbox.shell(words["command"], deadline=30)
        case "write":
            sandbox.write(PurePosixPath(words["path"]), words["content"].encode())
        case _:
            sandbox.read(PurePosixPath(words["path"]))


def main() -> None:
    """`TRIALS`: says ready after the first, works when told to, then says its processor seconds."""
    image = prepare()
    perform(image)
    print("ready", flush=True)
    sys.stdin.readline()
    began = cpu_seconds()
    for _ in range(int(sys.argv[1])):
        perform(image)
    print(cpu_seconds() - began, flush=True)


if __name__ == "__main__":
    main()
