"""`export` and `import` as a user types them: what comes back reads the same, and a mistake is one sentence and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.synthetic import RUN, Scale, lay
from harness.core.trial import TrialKey
from harness.store.sqlite import create

Inside = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of two trials in the test's own home."""
    return lay(tmp_path / "home", Scale(1, 1, 3))


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """From now on the command has another home, which is empty."""

    def move() -> Path:
        monkeypatch.setenv("LONGHAUL_HOME", str(tmp_path / "other"))
        return tmp_path / "other"

    return move


def test_a_run_moves_to_another_home(run: Path, inside: Inside, elsewhere: Callable[[], Path], tmp_path: Path) -> None:
    """Out, in, and every reading of it is what it was: report, trial, diff; a second import changes nothing."""
    readings = (("report", RUN, "--json"), ("report", RUN), ("show", RUN, "t0002", "--raw"), ("show", RUN, "t0001", "--diff", "0..", "--raw"))
    before = [inside(*words) for words in readings]
    code, out, _ = inside("export", "last", "--format", "archive", "--to", "night.tar.zst")
    assert (code, out.count("\n")) == (0, 2)
    assert "longhaul import night.tar.zst" in out
    home = elsewhere()
    code, out, _ = inside("import", "night.tar.zst")
    assert code == 0
    assert f"longhaul report {RUN}" in out
    assert [inside(*words) for words in readings] == before
    assert "diff --git" in before[3][1]
    kept = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert inside("import", "night.tar.zst")[:2] == (0, f"{RUN} is there already, with the same content; nothing was changed\n")
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == kept


def test_both_speak_json(run: Path, inside: Inside, elsewhere: Callable[[], Path]) -> None:
    """One object each, and a mistake is one too."""
    told = json.loads(inside("export", RUN, "--to", "a", "--json")[1])
    assert (told["schema"], told["run"], told["path"]) == ("longhaul.export/1", RUN, "a")
    elsewhere()
    found = json.loads(inside("import", "a", "--json")[1])
    assert (found["schema"], found["run"], found["fresh"], found["members"]) == ("longhaul.import/1", RUN, True, told["members"])
    code, out, _ = inside("import", "none", "--json")
    assert (code, json.loads(out)["schema"]) == (2, "longhaul.error/1")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("export", RUN, "--to", "taken"), "taken, which is there already"),
        (("export", RUN, "--to", "."), "., which is there already"),
        (("export", RUN, "--to", "missing/a"), "missing/a, whose folder is not there"),
        (("export", RUN, "--to", "taken/a"), "taken/a, whose folder is not there"),
        (("export", RUN, "--format", "zip", "--to", "a"), "found 'zip', expected one of: archive"),
        (("export", "20990101", "--to", "a"), RUN),
        (("export", RUN), "--to"),
        (("import", "missing"), "no such file"),
        (("import", "taken"), "no archive"),
        (("import",), "longhaul import --help"),
    ],
)
def test_a_mistake_is_one_sentence(run: Path, inside: Inside, tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    """Exit 2, and not a file more or less than before."""
    (tmp_path / "taken").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    code, out, err = inside(*words)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert sentence in err
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "taken").read_text() == "mine"


def test_another_record_of_the_same_id_is_refused(run: Path, inside: Inside, elsewhere: Callable[[], Path]) -> None:
    """The one that is there stays."""
    assert inside("export", RUN, "--to", "a")[0] == 0
    home = elsewhere()
    create(home / "runs" / RUN, (TrialKey(RUN, "other", "coder", "none", "", 1),), {"run": RUN}).close()
    before = (home / "runs" / RUN / "run.sqlite").read_bytes()
    code, out, err = inside("import", "a")
    assert (code, out) == (2, "")
    assert "another record" in err
    assert (home / "runs" / RUN / "run.sqlite").read_bytes() == before
    assert [path.name for path in (home / "runs").iterdir()] == [RUN]


def test_a_damaged_run_is_not_exported(run: Path, inside: Inside, tmp_path: Path) -> None:
    """The blob that is missing is named, with the event that names it."""
    gone = next(path for path in sorted(run.glob("blobs/*/*.zst")))
    gone.unlink()
    code, out, err = inside("export", RUN, "--to", "a")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert gone.name in err
    assert not (tmp_path / "a").exists()
