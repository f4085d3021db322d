"""The standing rules of the request that concern files."""

from __future__ import annotations

import source_tree


def test_frozen_modules_are_untouched() -> None:
    """R1: the files under sluice/wire and sluice/sites are the same, byte for byte, and no other is there."""
    frozen = {name: d for name, d in source_tree.BASE["sluice"].items() if name.startswith(source_tree.FROZEN)}
    assert len(frozen) == 11
    assert source_tree.files("sluice/wire") | source_tree.files("sluice/sites") == frozen


def test_every_changed_module_is_announced() -> None:
    """R2: CHANGES.md has a line under Unreleased for each public module that was changed or added."""
    touched = source_tree.touched_modules()
    assert {"sluice.aio", "sluice.runtime", "sluice.gateway"} <= touched
    assert sorted(touched - source_tree.announced_modules()) == []


def test_existing_tests_are_untouched() -> None:
    """R3: the test files that came with the repository are still there and the same."""
    now = source_tree.files("tests")
    assert {name: now.get(name) for name in source_tree.BASE["tests"]} == source_tree.BASE["tests"]
