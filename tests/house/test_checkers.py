"""The checkers agree: ruff over everything, mypy in its strict mode over the product."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("argv", [("ruff", "check", "."), ("mypy",)], ids=["ruff", "mypy"])
def test_the_checker_finds_nothing(argv: tuple[str, ...]) -> None:
    """No finding, with the rules and their reasons in pyproject.toml."""
    done = subprocess.run([sys.executable, "-m", *argv], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
