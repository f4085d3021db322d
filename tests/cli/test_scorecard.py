"""`longhaul scorecard` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from harness.corpus.published import read
from harness.store.sqlite import reading
from tests.end_to_end.tiny import longhaul


def test_one_kind_is_scored_and_kept(tmp_path: Path) -> None:
    """Planted, played in worker processes, scored: one JSON object, figures in a file that reads back, and the runs to look at."""
    done = longhaul(
        tmp_path, "scorecard", "--kind", "G4", "--runs", "2", "--jobs", "2", "--json", "--keep", str(tmp_path / "kept"), "--write", str(tmp_path / "card.json"),
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told.pop("caution"), told["again"], told["unlike"]) == ("validated on planted faults only", 0, [])
    assert (told["schema"], told["runs"], told["audited"], told["full"]) == ("longhaul.scorecard/1", 2, False, False)
    assert [(each["kind"], each["recall"]["count"], each["word"]) for each in told["kinds"]] == [("G4", 2, "holds")]
    assert msgspec.json.decode(msgspec.json.encode(read((tmp_path / "card.json").read_bytes(), "card.json"))) == told
    store = reading(tmp_path / "kept" / "001" / "host" / "run")
    assert [key.task for key in store.keys().values()] == ["G4-regressions-0", "G4-regressions-1"]
    assert all(store.trace(key) for key in store.keys().values())
    store.close()


def test_a_kind_that_nobody_plants_is_a_sentence(tmp_path: Path) -> None:
    """Before anything is played, and what is asked for to be kept is not written over."""
    done = longhaul(tmp_path, "scorecard", "--kind", "Z9")
    assert done.returncode == 2
    assert "--kind: found 'Z9', expected one of A1, A2," in done.stderr
    (tmp_path / "there").mkdir()
    done = longhaul(tmp_path, "scorecard", "--kind", "G4", "--runs", "1", "--keep", str(tmp_path / "there"))
    assert done.returncode == 2
    assert "--keep: found something that is there already" in done.stderr
