"""Each detector's file opens with the figures of the scorecard that is kept."""

from __future__ import annotations

from benchmarks.loss_page import LINE, openings
from harness.corpus.published import published
from harness.metrics.context.all import detectors


def test_each_detector_opens_with_its_figures() -> None:
    """Of its own version; `python -m benchmarks.loss_page` writes them."""
    files = openings(published())
    assert {path.stem for path in files} == {one.name for one in detectors()}
    for path, text in files.items():
        assert path.read_text("utf-8") == text, path.name
        assert LINE.search(text)
