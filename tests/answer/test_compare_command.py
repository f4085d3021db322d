"""`longhaul compare` over real stores: what is typed, what is printed and written, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from harness.answer.compare.compare_document import document
from harness.answer.compare.compare_markdown import markdown
from harness.answer.compare.compared import Wish
from harness.answer.compare.comparison import Answer, Case, Comparison, Rank
from harness.answer.compare.figures import Figures, TaskPair, TrialMark
from harness.metrics.row import Row
from harness.metrics.statistics.differences import Difference
from harness.metrics.statistics.equivalence import Equivalence
from harness.metrics.statistics.sequential import Look
from tests.answer.asked import HOSTED, LOCAL, THIRD, played, suited, told, two
from tests.answer.conftest import Command
from tests.answer.laid import lay
from tests.report.runs import HOSTILE

DOCS = Path(__file__).resolve().parents[2] / "docs"
RUN, LATER = "20260101-200000-aaaa", "20260102-200000-bbbb"
A, B = suited(40, 10)


def a_home(home: Path) -> Path:
    return lay(home, RUN, two(A, B) + played("none", B, agent="oracle"))


def test_the_first_words_are_the_answer(longhaul: Command, home: Path) -> None:
    """Window, word, figure and doubt stand first, then the tasks that one side alone solves with trials that `show` takes."""
    a_home(home)
    said = longhaul("compare", "last", "-a", LOCAL, "-b", HOSTED)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == f"equal window 32,768 (run nightly {RUN})"
    assert lines[1].startswith(f"{LOCAL} is worse than {HOSTED}: it solves 75 % against 100 % of 40 tasks, 25 points fewer (95 % interval ")
    assert f"10 tasks that {HOSTED} solves and {LOCAL} never does:" in said.out
    assert f"what happened in t0001: longhaul show {RUN} t0001" in said.out


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_no_line_is_torn_on_a_narrow_terminal(longhaul: Command, home: Path, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Figures keep to the width; sentences are whole lines where nothing is a terminal."""
    monkeypatch.setenv("COLUMNS", str(columns))
    a_home(home)
    said = longhaul("compare", "last", "-k", "2")
    held = [line for line in said.out.splitlines() if line.startswith((" ", "  "))]
    assert held
    assert all(len(line) <= columns for line in held)


def test_the_json_has_every_figure(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """One object; what is written beside it is said on stderr."""
    a_home(home)
    said = longhaul("compare", RUN, "-k", "3", "--json", "--summary", tmp_path / "c.md")
    (found,) = said.json["comparisons"]
    assert said.json["schema"] == "longhaul.compare/1"
    assert (said.json["margin"], said.json["k"], said.json["sequential"]) == (0.1, 3, False)
    assert (found["word"], found["difference"]["estimate"], found["a"]["who"]["model"]) == ("better", 0.25, HOSTED)
    assert len(found["tasks"]) == 40
    assert found["tasks"][0]["a_trials"][0] == {"run": RUN, "trial": "t0121", "outcome": "passed", "reason": "solved"}
    assert str(tmp_path / "c.md") in said.err
    assert "25 points more" in (tmp_path / "c.md").read_text()


def test_the_page_links_the_pages_of_its_runs(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """Where `report --open` left one beside the record; relative to the file that is written."""
    folder = a_home(home)
    (folder / "report.html").write_text("the run's page")
    said = longhaul("compare", RUN, "--html", tmp_path / "out" / "c.html")
    text = (tmp_path / "out" / "c.html").read_text("utf-8")
    assert said.code == 0
    assert f"../home/runs/{RUN}/report.html#t0001" in text


def test_a_redacted_answer_names_no_task_run_or_variant(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """In no output, with the same figures; the same goes for what is refused."""
    lay(home, RUN, two({f"secret-{task}": ends for task, ends in A.items()}, {f"secret-{task}": ends for task, ends in B.items()}))
    said = longhaul("compare", RUN, "--redact", "--json", "--html", tmp_path / "c.html", "--summary", tmp_path / "c.md")
    assert said.code == 0
    for text in (said.out, (tmp_path / "c.html").read_text("utf-8"), (tmp_path / "c.md").read_text()):
        assert "secret" not in text
        assert RUN not in text
        assert "claude-opus-4-7" in text
    lay(home, LATER, played(THIRD, {f"secret-{task}": ends for task, ends in A.items()}, digests=msgspec.structs.replace(two(A, B)[0].digests, task="sha256:else")))
    refused = longhaul("compare", RUN, LATER, "-a", LOCAL, "-b", THIRD, "--redact")
    assert refused.code == 2
    assert "tasks" in refused.err
    assert "secret" not in refused.err


def test_runs_are_named_as_anywhere(longhaul: Command, home: Path) -> None:
    """A model of two runs by @RUN, @NAME or the beginning of an id; a run named twice counts once."""
    lay(home, RUN, played(LOCAL, A), name="before")
    lay(home, LATER, played(LOCAL, B), name="after")
    for words in ((), ("-a", f"{LOCAL}@before", "-b", f"{LOCAL}@after"), ("-a", f"coder:{LOCAL}@20260101", "-b", f"{LOCAL}@last")):
        said = longhaul("compare", "before", "last", RUN, *words)
        assert said.code == 0
        assert f"{LOCAL}@before is worse than {LOCAL}@after" in said.out


def test_one_file_is_not_asked_to_be_two(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """The page would take the summary's place without a word."""
    a_home(home)
    said = longhaul("compare", RUN, "--summary", tmp_path / "c", "--html", tmp_path / "c")
    assert (said.code, (tmp_path / "c").exists()) == (2, False)
    assert "a file of its own" in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--margin", "nan"), "--margin: found nan, expected a rate between 0 and 1, such as 0.10"),
        (("--margin", "1.5"), "--margin: found 1.5, expected a rate between 0 and 1, such as 0.10"),
        (("--margin", "0"), "--margin: found 0, expected a rate between 0 and 1, such as 0.10"),
        (("-k", "0"), "-k: found 0, expected a number of attempts, 1 or more"),
        (("-k", "4"), f"-k: found 4, where {HOSTED} has 3 attempts at a task, expected a k up to 3"),
        (("--accept", "prompt"), "--accept: found 'prompt', expected prompts, perhaps: one of tasks, prompts, tools, limits"),
        (("-a", "claude/opus"), "-a: found 'claude/opus', expected a side that is there: "),
        (("nothing-like-it",), "RUN: found 'nothing-like-it', expected a run in "),
    ],
)
def test_a_mistake_is_one_sentence(longhaul: Command, home: Path, words: tuple[str, ...], sentence: str) -> None:
    """Exit 2, and nothing on stdout."""
    a_home(home)
    said = longhaul("compare", RUN, *words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"longhaul: {sentence}")
    assert len(said.err.splitlines()) == 1


def test_names_that_are_markup_stay_names(longhaul: Command, home: Path, tmp_path: Path) -> None:
    """A hostile name of a model or a task can't break terminal, Markdown, page or JSON."""
    safe = HOSTILE.replace("\ud800", "").replace("\x00", "")
    rows = [msgspec.structs.replace(row, model=f"ollama/{safe}" if row.model == LOCAL else row.model, task=f"{safe}{row.task}") for row in two(A, B)]
    lay(home, RUN, rows)
    said = longhaul("compare", RUN, "--html", tmp_path / "c.html", "--summary", tmp_path / "c.md")
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
    assert "<img" not in (tmp_path / "c.html").read_text("utf-8")
    assert "<img" not in (tmp_path / "c.md").read_text("utf-8")
    assert "@everyone" not in (tmp_path / "c.md").read_text("utf-8")


def test_many_models_are_told_in_short(longhaul: Command, home: Path) -> None:
    """Three models: a sentence for each pair and a table of ranks, without the tables of every pair."""
    lay(home, RUN, two(A, B) + played(THIRD, A))
    said = longhaul("compare", RUN)
    assert said.code == 0
    assert said.out.count("equal window 32,768 (run") == 3
    assert " 1     claude/claude-opus-4-7" in said.out
    assert " 2-3   ollama/qwen3.6:27b" in said.out
    assert "adjusted by Holm's method" in said.out


def test_a_report_of_two_models_ends_with_the_question(longhaul: Command, home: Path) -> None:
    """Two bars are no answer: the report names the command that has one."""
    a_home(home)
    assert f"longhaul compare {RUN}" in longhaul("report", RUN).out.splitlines()[-1]


def test_a_summary_is_the_same_for_the_same_answer() -> None:
    """Nothing in it depends on when or how often it is made."""
    rows: tuple[Row, ...] = two(A, B)
    assert markdown(told(rows)) == markdown(told(rows))


@pytest.mark.parametrize("record", [Answer, Comparison, Figures, TaskPair, TrialMark, Case, Rank, Difference, Equivalence, Look], ids=lambda record: record.__name__)
def test_every_field_of_the_json_is_documented(record: type) -> None:
    """Under the name it has."""
    text = (DOCS / "json.md").read_text("utf-8").partition("## longhaul.compare/1")[2]
    assert not [name for name in record.__struct_encode_fields__ if f"`{name}`" not in text]  # type: ignore[attr-defined]


def test_json_of_any_answer_holds_finite_figures() -> None:
    """Also where nothing was decided, and for the sequential method: no reader of JSON has to know NaN."""

    def odd(word: str) -> None:
        raise AssertionError(word)

    for rows in (two(dict.fromkeys(A, "..."), B), two(dict.fromkeys(A, "bbb"), B), two(A, B)):
        for wish in (Wish(), Wish(sequential=True), Wish(k=3)):
            assert json.loads(document(told(rows, wish=wish)), parse_constant=odd)["schema"] == "longhaul.compare/1"
