"""Which models share a server that holds one of them at a time."""

from __future__ import annotations

import pytest

from harness.plan import ModelEntry, Plan
from harness.settings import read
from harness.wiring.lanes import lanes

HERE = read({"OLLAMA_HOST": "127.0.0.1:11434", "OPENAI_BASE_URL": "http://localhost:8080/v1"})


def of(*entries: ModelEntry) -> dict[str, str]:
    return lanes(Plan(("bundled",), models=entries), HERE)


def test_models_of_one_server_share_a_lane_however_it_is_spelled() -> None:
    """Address, path and name of the same loopback port are one server."""
    named = ModelEntry("openai/b", options={"base_url": "http://127.0.0.1:8080"})
    found = of(ModelEntry("ollama/a"), ModelEntry("ollama/b", options={"base_url": "http://[::1]:11434"}), ModelEntry("openai/a"), named)
    assert found["ollama/a"] == found["ollama/b"]
    assert found["openai/a"] == found["openai/b"]
    assert found["ollama/a"] != found["openai/a"]


@pytest.mark.parametrize(
    "entry",
    [
        ModelEntry("claude/x"), ModelEntry("scripted/demo"), ModelEntry("ollama/big:cloud"), ModelEntry("mine.models/x"),
        ModelEntry("openai/x", options={"base_url": "https://api.openai.com/v1"}),
    ],
)  # fmt: skip
def test_what_is_hosted_or_played_has_no_lane(entry: ModelEntry) -> None:
    """Nobody's memory here is at stake."""
    assert of(entry) == {}


@pytest.mark.parametrize("url", ["http://192.168.1.7:8000/v1", "http://gpu-box:8000", "http://gpu.lan:8000", "http://[fd00::1]:8000"])
def test_a_machine_beside_this_one_has_a_lane(url: str) -> None:
    """A server of one's own in the next room swaps models, too."""
    assert list(of(ModelEntry("openai/x", options={"base_url": url}))) == ["openai/x"]
