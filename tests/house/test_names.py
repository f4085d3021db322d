"""One word per idea, and none of the words that mean nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EMPTY = ("utils", "helpers", "manager", "base", "common", "handler")


@pytest.mark.parametrize("room", ["harness", "agents", "sandboxes", "task_repos"])
def test_no_module_has_an_empty_name(room: str) -> None:
    """No module is called utils, helpers, manager, base, common or handler."""
    paths = [path for path in (ROOT / room).rglob("*.py") if not {"bundled", "catalogue"} & set(path.parts)]
    assert not [path.name for path in paths if path.stem in EMPTY]


def test_package_doors_hold_no_code() -> None:
    """An __init__.py is a docstring and nothing else."""
    for room in ("harness", "agents", "sandboxes", "task_repos"):
        for path in (ROOT / room).rglob("__init__.py"):
            if not {"bundled", "catalogue"} & set(path.parts):
                text = path.read_text("utf-8").strip()
                assert text.startswith('"""'), path
                assert text.endswith('"""'), path
                assert text.count('"""') == 2, path
