"""The oracle's tool on a real folder with real git, patch and sh."""

from __future__ import annotations

from pathlib import PurePosixPath

from agents.tools import solve
from harness.core.chat import ToolCall
from harness.core.task import CopiedFile, GoldPatch, SolveScript


def run(tool, sandbox):
    return tool.run(ToolCall("c", "solve", "{}"), sandbox)


def put(sandbox, name, data):
    sandbox.write(PurePosixPath(name), data)


def get(sandbox, name):
    return sandbox.read(PurePosixPath(name))


DIFF = b"""diff --git a/a.txt b/a.txt
--- a/a.txt
+++ b/a.txt
@@ -1,2 +1,2 @@
 one
-two
+2
"""


def test_solve_applies_a_patch(sandbox):
    """A gold patch is applied in the workdir, also where that is no repository."""
    put(sandbox, "a.txt", b"one\ntwo\n")
    assert run(solve.create(solution=GoldPatch(DIFF)), sandbox).ok
    assert get(sandbox, "a.txt") == b"one\n2\n"


def test_solve_applies_a_patch_inside_a_larger_repository(sandbox):
    """git would quietly skip the files of a folder below its repository's root; here it does not look up."""
    sandbox.exec(("git", "init", "-q", ".."), deadline=10)
    put(sandbox, "a.txt", b"one\ntwo\n")
    assert run(solve.create(solution=GoldPatch(DIFF)), sandbox).ok
    assert get(sandbox, "a.txt") == b"one\n2\n"


def test_a_patch_that_does_not_fit_is_no_success(sandbox):
    """A solution that did not apply says so and what the tools said."""
    put(sandbox, "a.txt", b"three\nfour\n")
    result = run(solve.create(solution=GoldPatch(DIFF)), sandbox)
    assert not result.ok
    assert result.exit_code != 0


class Denied:
    """A sandbox whose root the agent's user may not write to, like every container."""

    def __init__(self, sandbox):
        self._sandbox = sandbox

    def __getattr__(self, name):
        return getattr(self._sandbox, name)

    def write(self, path, data, *, mode=None):
        if path.is_relative_to("/solution"):
            raise PermissionError(13, "Permission denied")
        self._sandbox.write(path, data, mode=mode)


def test_solve_runs_a_script_with_its_folder(sandbox):
    """The script runs in the workdir with its variables, finds its files by the format's path, and leaves nothing behind."""
    script = b'#!/bin/sh\necho "$WHO" > out\ncat /solution/data/x >> out\necho src/solution/kept >> out\n'
    files = (CopiedFile("solve.sh", script), CopiedFile("data/x", b"data\n"))
    tool = solve.create(solution=SolveScript(files, environment=(("WHO", "me"),)))
    result = run(tool, Denied(sandbox))
    assert result.ok, result.text
    assert get(sandbox, "out") == b"me\ndata\nsrc/solution/kept\n"
    assert sandbox.exec(("test", "-e", "/tmp/solution"), deadline=10).exit_code == 1


def test_a_script_that_fails_is_no_success(sandbox):
    """The script's exit code decides."""
    tool = solve.create(solution=SolveScript((CopiedFile("solve.sh", b"exit 9"),)))
    result = run(tool, Denied(sandbox))
    assert (result.ok, result.exit_code) == (False, 9)
