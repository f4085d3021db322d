"""The note for the colleague."""

from __future__ import annotations

import re
from pathlib import Path

import source_tree

NOTE = Path(__file__).resolve().parents[2] / "HANDOVER.md"


def sections() -> dict[str, str]:
    parts = re.split(r"^## +(.+?) *$", NOTE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=False))


def test_it_names_all_that_changed_and_no_more() -> None:
    """One line for each module that is different or new."""
    named = re.findall(r"^- `?(ledgerlite[\w.]*)`?", sections()["Changed"], re.MULTILINE)
    assert sorted(named) == sorted(source_tree.touched_modules())


def test_it_says_what_is_open() -> None:
    """The paper that the maintainer wanted to rewrite."""
    assert "docs/conventions.md" in sections()["Open"]
