"""`longhaul images` as its user types it, over the real engine: listed, built, saved, pruned and loaded again, task by task."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.tiny import write_task

pytestmark = pytest.mark.docker


def test_a_source_goes_round(longhaul: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    """To build, ready, on file, gone, back again; a task that can't be read or built hides no other and is named; the exit status tells."""
    tasks = tmp_path / "tasks"
    mark = {"calc": f"# {tmp_path}\ndef add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b\n"}
    write_task(tasks, **mark)
    write_task(tasks, "broken", **mark, Dockerfile="FROM longhaul/base:bookworm-1\nCOPY repo /workspace\nWORKDIR /workspace\nRUN echo unlucky; exit 4\n")
    source, good = f"harbor:{tasks}", f"harbor:{tasks}#tiny"
    listed = json.loads(longhaul("images", "list", source, "--json").stdout)
    assert listed["schema"] == "longhaul.images/1"
    assert [row["image"].split(":")[0] for row in listed["tasks"]] == ["to build"] * 2
    assert [need["how"] for need in listed["needs"]["items"]] == ["build"] * 2
    assert listed["needs"]["fits"]
    done = longhaul("images", "build", source, COLUMNS="300")
    assert done.returncode == 1
    assert done.stdout.startswith("images: 2 to build, ")
    assert "line 4: RUN echo unlucky; exit 4" in next(line for line in done.stdout.splitlines() if line.startswith("refused broken"))
    assert next(line for line in done.stdout.splitlines() if line.startswith("tiny: sha256:"))
    digest = json.loads(longhaul("images", "list", good, "--json").stdout)["tasks"][0]["digest"]
    file = tmp_path / "all.tar"
    assert longhaul("images", "save", good, "--to", str(file)).returncode == 0
    assert longhaul("images", "prune", good).stdout.endswith("2 names removed\n")
    assert "to build" in longhaul("images", "list", good).stdout
    assert longhaul("images", "load", str(file)).returncode == 0
    assert json.loads(longhaul("images", "list", good, "--json").stdout)["tasks"][0] == {"task": "tiny", "image": "ready", "digest": digest, "history": "clean"}
    assert longhaul("images", "prune", good).stdout.endswith("2 names removed\n")
