"""An estimate beside the night that it foretold, on a real server with a hand-scripted model."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.foretold import Ground
from tests.end_to_end.tiny import last
from tests.services.servers import OllamaServer

pytestmark = [pytest.mark.docker, pytest.mark.ollama]


def test_a_night_takes_as_long_as_was_estimated(ollama_034: OllamaServer, base_image: object, tmp_path: Path) -> None:
    """The model is measured once and kept; a past run of one attempt foretells three within 30 %; --hours takes what fits and says so on record.

    Other work may make the machine faster or slower between the two nights, which nobody can foretell: the mean trial of each tells by how much.
    """
    ground = Ground(tmp_path, ollama_034, tasks=2)
    first = ground.estimate("-n", "1")
    (measure,) = first["measured"]
    found = measure["measured"]
    assert found["prefill"] > 0, found
    assert found["decode"] > 0, found
    assert found["trip_s"] > 0, found
    assert found["edit"] is True
    assert found["needle"] is False
    assert found["needle_tokens"] > 0.8 * 8192
    assert not list((ground.home / "runs").glob("*")), "an estimate starts no trial"
    assert first["cells"][0]["bases"] == [{"basis": "assumed", "tasks": 2, "past": 0}]
    told = ground.run("-n", "1")
    assert "measuring" not in told
    assert "estimate:" not in told, "nothing is new about this model"
    past_s = ground.mean()
    foretold = ground.estimate("-n", "3")
    assert foretold["measured"] == [measure]
    assert foretold["cells"][0]["bases"] == [{"basis": "same", "tasks": 2, "past": 2}]
    ground.run("-n", "3", "--hours", "1")
    faster = past_s / ground.mean()
    assert abs(3600 * foretold["hours"]["likely"] / (faster * ground.lasted()) - 1) < 0.30
    with closing(last(ground.home)) as store:
        chosen = json.loads(store.meta("chosen"))
        assert (sorted(chosen["tasks"]), chosen["attempts"], chosen["fits"]) == (["tiny0", "tiny1"], 3, True)
        assert json.loads(store.meta("plan"))["run_limits"]["hours"] == 1.0
