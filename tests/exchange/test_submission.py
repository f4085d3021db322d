"""A run handed in: each name's works in a folder of their own."""

from __future__ import annotations

import pytest

from harness.core.errors import PlanError
from harness.exchange.submission import Submission, files


def test_two_names_never_share_a_folder() -> None:
    """`a/b` and `a__b` become one folder's name: the second file would lie over the first, and a model's work be gone."""
    one, other = (Submission("t", name, "", resolved=False, report={}) for name in ("a/b", "a__b"))
    assert [name for name, _ in files("r", (one,))] == ["predictions/a__b.jsonl", "a__b.r.json"]
    with pytest.raises(PlanError, match="'a/b' and 'a__b'"):
        list(files("r", (one, other)))
