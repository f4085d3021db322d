"""Every module does what it did, and does so without the deprecated names."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import flows
import pytest

RECORDED = json.loads(Path(__file__).with_name("journals.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(flows.FLOWS))
def test_module_writes_the_same_journal(name: str, tmp_path: Path) -> None:
    """The journal and the results are those recorded before the change; a deprecation warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        found = flows.FLOWS[name](tmp_path)
    assert found == RECORDED[name]


def test_every_flow_has_a_record() -> None:
    """No flow is compared with nothing."""
    assert sorted(RECORDED) == sorted(flows.FLOWS)
