"""The standing rules of the request."""

from __future__ import annotations

import source_tree


def test_frozen_migrations_are_untouched() -> None:
    """R1: the files under pawdesk/migrations are the same, byte for byte, and no other is there."""
    frozen = {name: digest for name, digest in source_tree.BASE["pawdesk"].items() if "/migrations/" in name}
    assert source_tree.files("pawdesk/migrations") == frozen


def test_every_changed_module_is_announced() -> None:
    """R2: CHANGES.md has a line under Unreleased for each public module that was changed or added."""
    touched = source_tree.touched_modules()
    assert {"pawdesk.legacy", "pawdesk.practice"} <= touched
    assert sorted(touched - source_tree.announced_modules()) == []


def test_existing_tests_are_untouched() -> None:
    """R3: the test files that came with the repository are still there and the same."""
    now = source_tree.files("tests")
    assert {name: now.get(name) for name in source_tree.BASE["tests"]} == source_tree.BASE["tests"]
