"""R4: what a practice leaves in its folder is what it left before the change."""

from __future__ import annotations

import json
from pathlib import Path

import flows
import pytest

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text(encoding="utf-8"))


def test_every_flow_has_a_record() -> None:
    assert set(flows.FLOWS) == set(RECORDED)


@pytest.mark.parametrize("name", sorted(flows.FLOWS))
def test_a_practice_leaves_the_same(name: str, tmp_path: Path) -> None:
    """Documents, number series, journal, letters, pages, files and results, line by line."""
    folder = tmp_path / "paws"
    folder.mkdir()
    assert flows.FLOWS[name](folder) == RECORDED[name]
