"""Which model serves when none was named."""

from __future__ import annotations

import pytest

from harness.core.facts import ModelFacts
from harness.wiring.choose import EMBEDDED, pick, size


def offer(name: str, parameters: str, on_gpu: float | None = None, *, tools: bool = True, remote: bool = False) -> ModelFacts:
    return ModelFacts("ollama", name, parameters=parameters, on_gpu=on_gpu, capabilities=("tools",) if tools else (), remote=remote)


@pytest.mark.parametrize(
    ("offers", "use"),
    [
        ([offer("small", "4B", 1.0), offer("big", "27B", 1.0), offer("huge", "70B", 0.4)], "ollama/big"),
        ([offer("small", "500M"), offer("big", "27B", 0.5)], "ollama/small"),
        ([offer("mute", "4B", 1.0, tools=False), offer("able", "8B")], "ollama/able"),
        ([offer("cloud", "480B", 1.0, remote=True)], EMBEDDED),
        ([offer("untold", "", 1.0), offer("told", "4B", 1.0)], "ollama/told"),
        ([offer("untold", ""), offer("told", "70B")], "ollama/told"),
        ([], EMBEDDED),
    ],
    ids=["largest on the GPU", "smallest where none is", "only those that call tools", "never one served elsewhere", "an untold size is not the largest", "nor the smallest", "none at all"],
)
def test_the_choice(offers: list[ModelFacts], use: str) -> None:
    """The largest wholly on the GPU, else the smallest that can call tools, else the embedded default; and why."""
    choice = pick(offers, "http://127.0.0.1:11434")
    assert choice.use == use
    assert choice.why


@pytest.mark.parametrize(("text", "number"), [("30.5B", 30.5e9), ("494.03M", 494.03e6), ("", -1.0), ("many", -1.0)])
def test_sizes_are_read(text: str, number: float) -> None:
    """The server's words for a size; an unknown size is never the smallest."""
    assert size(text, unknown=-1.0) == pytest.approx(number)
