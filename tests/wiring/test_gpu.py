"""What the graphics cards say."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.wiring.gpu import gpu


@pytest.mark.parametrize(
    ("script", "said"),
    [("echo 'RTX 4090, 560.1, 20000 MiB, 24564 MiB, 97 %, 61'", "RTX 4090, 560.1, 20000 MiB, 24564 MiB, 97 %, 61"), ("exit 9", "")],
    ids=["a card", "a tool that fails"],
)
def test_the_tools_own_words(tmp_path: Path, script: str, said: str) -> None:
    """The line is recorded as it is; a failing tool says nothing."""
    tool = tmp_path / "smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    assert gpu(str(tool)) == said


def test_a_machine_without_the_tool_says_nothing() -> None:
    """No tool, no words."""
    assert gpu("no-such-tool-here") == ""
