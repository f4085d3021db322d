"""Bad input of every command that answers a question: one sentence that names the field, exit 2, and no file half written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.answer.conftest import Command, Said
from tests.answer.laid import a_night, lay, suite

ROOT = Path(__file__).resolve().parents[2]
FIRST, OTHER, HOSTED = "20260101-200000-aaaa", "20260102-200000-aaaa", "claude/claude-opus-4-7"
RATES = ("nan", "inf", "-inf", "-0.1", "0", "1", "1.5", "10", "ten", "")
ANSWERS = ("--html", "--summary", "--junit", "--to")


@pytest.fixture
def nights(home: Path, longhaul: Command, tmp_path: Path) -> Path:
    """Two models on twelve tasks, one attempt each; a run of other tasks; and a baseline of the first. Gives the baseline's file."""
    both = (*a_night(suite(12, "p")), *a_night(suite(12, "f"), model=HOSTED))
    lay(home, FIRST, both)
    lay(home, OTHER, a_night({f"else-{number}": "p" for number in range(12)}, model=HOSTED), created="2026-01-02T20:00:00+0000")
    assert longhaul("baseline", FIRST, "--to", tmp_path / "nightly.json").code == 0
    return tmp_path / "nightly.json"


def refused(longhaul: Command, *words: object) -> str:
    """The one sentence; with --json one object that says the same. Nothing that the words name as an output is left."""
    said = longhaul(*words)
    assert (said.code, said.out) == (2, ""), said
    assert said.err.startswith("longhaul: ")
    assert said.err.count("\n") == 1
    assert not any(Path(str(words[place + 1])).is_file() for place, word in enumerate(words) if word in ANSWERS)
    _as_json(longhaul(*words, "--json"))
    return said.err


def _as_json(said: Said) -> None:
    told = said.json
    assert (said.code, told["schema"], sorted(told)) == (2, "longhaul.error/1", ["expected", "field", "file", "found", "schema"])


def test_a_margin_that_is_no_rate(nights: Path, longhaul: Command, tmp_path: Path) -> None:
    """NaN, the infinities, 0, 1, a percentage, words and nothing, for every option that is a rate."""
    page = tmp_path / "page.html"
    for rate in RATES:
        assert "--margin" in refused(longhaul, "compare", FIRST, f"--margin={rate}", "--html", page)
        assert "--max-drop" in refused(longhaul, "gate", FIRST, "--baseline", nights, f"--max-drop={rate}", "--junit", tmp_path / "junit.xml")
        assert "--max-drop" in refused(longhaul, "trend", f"--max-drop={rate}", "--html", page)
        assert "--tolerance" in refused(longhaul, "claim", "check", f"--tolerance={rate}")


def test_runs_without_common_tasks(nights: Path, longhaul: Command, tmp_path: Path) -> None:
    """Neither a comparison nor a gate has anything to say of two runs that share no task."""
    words = ("compare", FIRST, OTHER, "-a", "ollama/qwen3.6:27b", "-b", f"{HOSTED}@{OTHER}", "--summary", tmp_path / "summary.md")
    assert "task" in refused(longhaul, *words)
    assert "task" in refused(longhaul, "gate", OTHER, "--baseline", nights, "--accept", "model", "--summary", tmp_path / "summary.md")


def test_one_attempt_where_three_are_asked_for(nights: Path, longhaul: Command, tmp_path: Path) -> None:
    """pass^3 of trials that had one attempt is refused; so is pass^0."""
    assert "-k" in refused(longhaul, "compare", FIRST, "-k", 3, "--html", tmp_path / "page.html")
    assert "-k" in refused(longhaul, "compare", FIRST, "-k", 0)


def _format(held: dict[str, Any]) -> None:
    held["schema"] = "longhaul.baseline/2"


def _edit(held: dict[str, Any]) -> None:
    held["created"] = "2020-01-01T00:00:00+0000"


def _counts(held: dict[str, Any]) -> None:
    held["sides"][0]["tasks"] = "twelve"


def _unknown(held: dict[str, Any]) -> None:
    held["verdict"] = "ok"


def _negative(held: dict[str, Any]) -> None:
    """Fewer than no trial passed."""
    held |= _walked(held)


def _walked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: -5 if name == "passed" and isinstance(each, int) else _walked(each) for name, each in value.items()}
    return [_walked(each) for each in value] if isinstance(value, list) else value


def test_a_baseline_that_is_not_what_it_was(nights: Path, longhaul: Command, tmp_path: Path) -> None:
    """Another format, another digest, another type, a key of nobody's, counts that can't be: for the gate and for the trend."""
    whole = nights.read_bytes()
    for change in (_format, _edit, _counts, _unknown, _negative):
        held = json.loads(whole)
        change(held)
        nights.write_text(json.dumps(held), "utf-8")
        assert str(nights) in refused(longhaul, "gate", FIRST, "--baseline", nights, "--junit", tmp_path / "junit.xml")
        assert str(nights) in refused(longhaul, "trend", "--baseline", nights, "--html", tmp_path / "page.html")


def test_a_number_that_somebody_typed_over(nights: Path, longhaul: Command, tmp_path: Path) -> None:
    """NaN and whatever else stands where a number was: a sentence, never a traceback and never a word."""
    text = nights.read_text("utf-8")
    seed = f'"seed": {json.loads(text)["runs"][0]["seed"]}'
    assert seed in text
    for word in ("NaN", "Infinity", "-Infinity", "1e999", '"p"', "null", "1.5", "[]", "9" * 400):
        nights.write_text(text.replace(seed, f'"seed": {word}'), "utf-8")
        assert str(nights) in refused(longhaul, "gate", FIRST, "--baseline", nights, "--junit", tmp_path / "junit.xml")


def test_files_that_are_none(nights: Path, longhaul: Command, tmp_path: Path) -> None:
    """Nothing, half an object, another object, no UTF-8, depth without end: as a baseline and as a registry of claims."""
    path = tmp_path / "file"
    for data in (b"", b"{", b"[]", b"null", b"\xff\xfe{}", b'{"schema": "longhaul.report/2"}', b"[" * 100_000):
        path.write_bytes(data)
        assert str(path) in refused(longhaul, "gate", FIRST, "--baseline", path)
        assert str(path) in refused(longhaul, "trend", "--baseline", path)
        assert str(path) in refused(longhaul, "claim", "list", "--claims", path)


def test_a_place_that_can_not_be_written(nights: Path, longhaul: Command, tmp_path: Path) -> None:
    """A folder where a file should come, and a file where a folder should be: the option is named."""
    given: tuple[tuple[object, ...], ...] = (
        ("baseline", FIRST, "--to"), ("gate", FIRST, "--baseline", nights, "--junit"), ("gate", FIRST, "--baseline", nights, "--summary"),
        ("compare", FIRST, "--html"), ("compare", FIRST, "--summary"), ("trend", "--html"),
    )  # fmt: skip
    for words in given:
        for place in (tmp_path, nights / "below"):
            said = longhaul(*words, place)
            assert (said.code, said.err.count("\n"), str(words[-1]) in said.err) == (2, 1, True), said


def test_a_run_that_is_not_there(nights: Path, longhaul: Command, tmp_path: Path) -> None:
    """Unknown, ambiguous, hostile: for every command that takes a RUN, and no control character comes back."""
    for word in ("", "nobody", "2026", "../..", "\x1b[31m"):
        for words in (("compare", word), ("baseline", word, "--to", tmp_path / "b.json"), ("gate", word, "--baseline", nights), ("claim", "check", "--run", word)):
            assert "\x1b" not in refused(longhaul, *words)


def test_the_process_itself_exits_so(nights: Path, home: Path) -> None:
    """As a user's shell sees it: exit 2, one line, no traceback."""
    nights.write_text(nights.read_text("utf-8").replace("longhaul.baseline/1", "longhaul.baseline/9"), "utf-8")
    words = (sys.executable, "-P", "-m", "harness.cli.main", "gate", FIRST, "--baseline", str(nights))
    done = subprocess.run(words, env=os.environ | {"PYTHONPATH": str(ROOT), "LONGHAUL_HOME": str(home)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "Traceback" not in done.stderr
