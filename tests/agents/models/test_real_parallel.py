"""How many requests a real Ollama server answers at once, found by asking it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.models.ollama import create
from agents.models.ollama_parallel import overlapping, stamp
from harness.core.facts import ModelFacts, ModelSettings
from tests.services.scripted_script import Wanted
from tests.services.servers import OllamaServer, serving_ollama


@contextmanager
def server(program: Path, folder: Path, parallel: int) -> Iterator[OllamaServer]:
    with serving_ollama(program, folder, extra={"OLLAMA_NUM_PARALLEL": str(parallel)}) as running:
        yield running


def found(running: OllamaServer, wanted: int | None, behaviour: str = "runaway") -> ModelFacts:
    name = running.create(Wanted(behaviour))  # type: ignore[arg-type]
    with create(base_url=running.url).open(ModelSettings(name, window=2048, thinking="off", concurrency=wanted, prove=True)) as model:
        return model.facts


@pytest.mark.parametrize("parallel", [1, 2])
def test_a_server_is_asked_for_no_more_than_it_does(ollama: OllamaServer, parallel: int, tmp_path: Path) -> None:
    """A server of one or two places is found to be one, whatever the plan wished for, and the wish is answered with a warning."""
    with server(ollama.program, tmp_path, parallel) as running:
        facts = found(running, parallel + 1)
        assert facts.concurrency == parallel
        assert f"asked for {parallel + 1} requests at a time, the server answers {parallel} (OLLAMA_NUM_PARALLEL)" in facts.warnings


def test_without_a_wish_it_is_one_at_a_time(ollama_024: OllamaServer) -> None:
    """The server is asked nothing more then."""
    assert found(ollama_024, None).concurrency == 1


@pytest.mark.parametrize(
    ("streams", "most"),
    [
        ([], 0), ([[1.0]], 0), ([[1, 2, 3, 4]], 1), ([[1, 2, 3, 4], [5, 6, 7, 8]], 1), ([[1, 2, 3, 4], [1, 2, 3, 4]], 2),
        ([[1, 2, 3, 4], [3.9, 6, 7, 8]], 1), ([[1, 2, 3, 4], [2, 3, 4, 5], [9, 10, 11, 12]], 2),
    ],
)  # fmt: skip
def test_streams_overlap_by_their_own_stamps(streams: list[list[float]], most: int) -> None:
    """One that begins when another is at its end was made to wait for it."""
    assert overlapping(streams) == most


def test_a_stamp_of_nanoseconds_is_read() -> None:
    """Servers say nine digits, or none, where Python reads six."""
    assert stamp("2026-01-02T03:04:05.123456789Z") - stamp("2026-01-02T03:04:05Z") == pytest.approx(0.123456789, abs=1e-6)
