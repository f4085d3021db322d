"""The command in this process, and a process that sits on a store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import environment, inside

__all__ = ["environment", "inside", "sitting"]

SIT = """
import sys
from harness.cli.running.occupying import occupying
from harness.settings import read
with occupying(read(), sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""
Sitting = Callable[..., AbstractContextManager["subprocess.Popen[str]"]]


@pytest.fixture
def sitting(environment: dict[str, str], tmp_path: Path) -> Sitting:
    """`with sitting() as process`: another process is at the store, until its stdin ends or it is killed."""

    @contextmanager
    def sit(what: str = "run 20260101-230000-beef") -> Iterator[subprocess.Popen[str]]:
        argv = (sys.executable, "-c", SIT, what)
        with subprocess.Popen(argv, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                assert process.stdout.readline() == "held\n"
                yield process
            finally:
                process.kill()

    return sit
