"""The standing rules of the request."""

from __future__ import annotations

import source_tree


def test_frozen_modules_are_untouched() -> None:
    """R1: the plugins and version 1 of the messages are the same, byte for byte, and no other file is among them."""
    frozen = {name: digest for name, digest in source_tree.BASE["tollbook"].items() if "/plugins/" in name or name.endswith("wire/v1.py")}
    now = source_tree.files("tollbook/plugins") | {name: digest for name, digest in source_tree.files("tollbook/wire").items() if "v1" in name}
    assert now == frozen


def test_every_changed_module_is_announced() -> None:
    """R2: CHANGES.md has a line under Unreleased for each module that was changed or added."""
    touched = source_tree.touched_modules()
    assert {"tollbook.errors", "tollbook.registry"} <= touched
    assert sorted(touched - source_tree.announced_modules()) == []


def test_existing_tests_are_untouched() -> None:
    """R3: the test files that came with the repository are still there and the same."""
    now = source_tree.files("tests")
    assert {name: now.get(name) for name in source_tree.BASE["tests"]} == source_tree.BASE["tests"]
