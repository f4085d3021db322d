"""Files that a runner shares with others: its tables come from base, all others from the work."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.grading.shared import merged, same_tables

BASE = b'[project]\nname = "a"  # kept\n\n[tool.pytest.ini_options]\naddopts = "-q"\n\n[tool.black]\nline-length = 80\n'
NOW = b'[project]\nname = "b"\n[tool.coverage.run]\nplugins = ["x"]\n[tool.black]\nline-length = 90\n[[tool.tox.env]]\nx = 1\n'


def test_toml_tables_are_told_apart() -> None:
    """Ours gone or changed come back, new ones go, and the rest is the agent's word for word."""
    made = merged("pyproject.toml", BASE, NOW)
    assert made is not None
    found = tomllib.loads(made.decode())
    assert found == {"project": {"name": "b"}, "tool": {"black": {"line-length": 90}, "pytest": {"ini_options": {"addopts": "-q"}}}}


def test_ini_sections_are_told_apart() -> None:
    """In setup.cfg and tox.ini; what DEFAULT says would reach the runner's sections, too."""
    base, now = b"[tool:pytest]\naddopts = -q\n", b"[DEFAULT]\nx = 1\n[metadata]\nname = y\n[tool:pytest]\naddopts = --co\n"
    assert merged("setup.cfg", base, now) == b"[metadata]\nname = y\n[tool:pytest]\naddopts = -q\n"
    assert merged("tox.ini", b"", b"[flake8]\nmax = 1\n[testenv]\ncommands = true\n[pytest]\n") == b"[flake8]\nmax = 1\n"


@pytest.mark.parametrize(
    "now",
    [b"\xff", b"[tool", b'tool = { pytest = { ini_options = { addopts = "--co" } } }\n', b'x = """\n[tool.pytest]\n"""\n', b"tool = 1\n"],
    ids=["no text", "no TOML", "a table in a line", "a header in a text", "no table"],
)
def test_what_cannot_be_told_apart_is_never_believed(now: bytes) -> None:
    """Then it is not the same, unless it says nothing of the runner; base stands in, or what is made holds base's tables."""
    assert not same_tables("pyproject.toml", BASE, now)
    made = merged("pyproject.toml", BASE, now)
    assert made is None or tomllib.loads(made.decode())["tool"]["pytest"] == {"ini_options": {"addopts": "-q"}}


@given(st.binary(max_size=60) | st.sampled_from([BASE, NOW, BASE[:70] + NOW, NOW + BASE]))
def test_a_merge_never_lets_the_runners_tables_through(now: bytes) -> None:
    """Whatever the file is: the merge has base's tables, or there is none."""
    made = merged("pyproject.toml", BASE, now)
    assert made is None or tomllib.loads(made.decode())["tool"]["pytest"] == {"ini_options": {"addopts": "-q"}}
