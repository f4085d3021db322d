"""`longhaul claim` as a user calls it: lists, words, files of one's own, and mistakes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from harness.answer.claim.members import rolls
from harness.plan import Plan
from harness.store.sqlite import RunStore
from tests.answer.conftest import Command
from tests.answer.laid import a_night, lay
from tests.answer.test_claims import FILE

ID = "qwen3.6-27b-swe-verified-qwen"
RUN = "20260101-200000-aaaa"
HOSTILE = "A page \\u001b[31m</script> <b>|x|"


def lay_verified(home: Path, passed: int, tasks: int, run: str = RUN) -> Path:
    """A run of some tasks of Verified, whose plan names a source of rows."""
    ids = sorted(rolls()["swe-bench-verified"])[:tasks]
    folder = lay(home, run, a_night({task: "p" if place < passed else "f" for place, task in enumerate(ids)}, task_source="swebench:v.jsonl"))
    store = RunStore(folder)
    plan = msgspec.json.decode(store.meta("plan"), type=Plan)
    store.keep("plan", msgspec.json.encode(msgspec.structs.replace(plan, tasks=("swebench:v.jsonl",))).decode())
    store.close()
    return folder


def test_the_list_fits_a_narrow_terminal(longhaul: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns every line fits, and a model's name, as a run has it, chooses its claims."""
    monkeypatch.setenv("COLUMNS", "80")
    said = longhaul("claim", "list", "--model", "ollama/gemma4:31b")
    assert said.code == 0
    assert all(len(line) <= 80 for line in said.out.splitlines()[:-1])
    assert "gemma-4-31b-tau2-retail" in said.out
    assert "gemma-3-27b" not in said.out
    assert {each["model"]["name"] for each in longhaul("claim", "list", "--benchmark", "terminal", "--json").json["claims"]} >= {"Claude Opus 4.7", "Kimi K2.5"}


def test_a_check_without_runs_has_a_word_for_every_claim(longhaul: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing on record: not comparable, or impossible, each with its reason, in the order of what they say."""
    monkeypatch.setenv("COLUMNS", "80")
    said = longhaul("claim", "check")
    assert said.code == 0
    assert "0 runs: " in said.out
    assert "1 impossible" in said.out
    assert "not comparable, because not run yet (" in said.out
    assert "  gemma-4-31b-tau2-retail  86.4 %" in said.out.partition("because no run here can speak of it (")[2].splitlines()
    assert "not run yet: no run that was looked at" in longhaul("claim", "check", ID).out
    assert len(said.out.splitlines()) < 80
    told = longhaul("claim", "check", "--json").json
    assert told["schema"] == "longhaul.claims/1"
    assert {each["word"] for each in told["checks"]} == {"not comparable", "impossible"}
    assert all(each["reason"] for each in told["checks"])


def test_an_assumed_number_of_attempts_makes_a_figure_impossible(longhaul: Command) -> None:
    """86.4 % of 114 tasks can come of two attempts each, not of three."""
    words = [longhaul("claim", "check", "gemma-4-31b-tau2-retail", "--trials", n, "--json").json["checks"][0]["word"] for n in (2, 3)]
    assert words == ["not comparable", "impossible"]


def test_a_run_on_record_speaks(longhaul: Command, home: Path) -> None:
    """With a run of all 500 tasks the word, the figures, the differences and the source are told; --run chooses one, once however often it is named."""
    lay_verified(home, 386, 500)
    lay_verified(home, 10, 60, "20260102-200000-aaaa")
    said = longhaul("claim", "check", ID)
    assert said.out.startswith(f"{ID}: reproduced\n")
    for words in ("386 of 500 trials passed here, 77.2 %", "differs agent: published internal scaffold", "unpublished thinking (here on)", "aaaa ollama/qwen3.6:27b, coder: not reproduced; 10 of 60", "https://huggingface.co/Qwen/Qwen3.6-27B", "beside 2 runs: 1 reproduced"):
        assert words in said.out
    check = longhaul("claim", "check", ID, "--run", "20260102", "--run", "20260102-200000-aaaa", "--json").json["checks"][0]
    assert (check["word"], check["against"][0]["tasks"], check["against"][0]["cases"][0]["passed"]) == ("not reproduced", 60, 10)


def test_other_runs_stay_unread_and_a_damaged_one_is_told(longhaul: Command, home: Path) -> None:
    """A run of other tasks is not opened for it; one that can't be read is left out aloud, but is a mistake where it was named."""
    lay(home, "20260103-200000-aaaa", a_night({"task": "p"}))
    broken = home / "runs" / "20260104-200000-aaaa"
    broken.mkdir(parents=True)
    (broken / "run.sqlite").write_bytes(b"no database")
    said = longhaul("claim", "check", ID)
    assert said.code == 0
    assert "left out 20260104-200000-aaaa: " in said.out
    assert "beside 0 runs" in said.out
    named = longhaul("claim", "check", ID, "--run", "20260104")
    assert (named.code, named.out, named.err.count("\n")) == (2, "", 1)


def test_a_file_of_ones_own(longhaul: Command, tmp_path: Path) -> None:
    """It stands in place of ours; its words are written out where they would steer a terminal."""
    path = tmp_path / "mine.toml"
    path.write_text(FILE.replace("A page", HOSTILE), "utf-8")
    said = longhaul("claim", "check", "--claims", path)
    assert said.out.startswith("mine: not comparable\n")
    assert "\x1b" not in said.out
    assert longhaul("claim", "list", "--claims", path, "--json").json["claims"][0]["source"]["title"].startswith("A page")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("check", "gemma-4-31b-tau2-retial"), "expected gemma-4-31b-tau2-retail, "),
        (("chekc",), "list or check"),
        (("check", "--model", "no such"), "a part of"),
        (("list", "--benchmark", "no such"), "a part of"),
        (("check", "--tolerance", "nan"), "a rate above 0"),
        (("check", "--tolerance", "1"), "a rate above 0"),
        (("check", "--trials", "0"), "1 to 1,000"),
        (("check", "--run", "nobody"), "a run in"),
        (("list", "--claims", "/nowhere.toml"), "a readable file"),
        (("list", "--claims", "/dev/zero"), "a readable file"),
    ],
)
def test_a_mistake_is_one_sentence(longhaul: Command, words: tuple[str, ...], found: str) -> None:
    """Exit 2, one line on stderr, nothing on stdout; with --json one object that names the field."""
    said = longhaul("claim", *words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert found in said.err
    assert longhaul("claim", *words, "--json").json["schema"] == "longhaul.error/1"
