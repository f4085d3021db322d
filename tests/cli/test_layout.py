"""Tables on any width: columns where they fit, records where they do not, and never a torn cell."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from harness.cli.screen.layout import lay, packed, tell
from harness.cli.screen.tables import show
from harness.core.facts import Window
from harness.metrics.row import Calls, Row, RowDigests, Seconds, Tokens
from harness.report.overview import About, overview
from harness.report.summary import counts_line

TITLES = ("model", "size", "trained", "fits")
ROWS = [("ollama/qwen3-coder-with-a-long-name:30b-a3b-q4_K_M", "30.5B", "262,144", "wholly on the GPU"), ("scripted/demo", "-", "-", "-")]


def row(trial: str, outcome: str, reason: str, *, task: str = "weather-spread", model: str = "ollama/qwen3:8b") -> Row:
    """A row with nothing in it but what tables show."""
    return Row(
        trial, task, "coder", model, "", 1, 1, outcome, reason, "", (), (), (1, 2), (3, 3), None, (), "", "", (), True, 7, Calls(),
        Tokens(1000, 0, 50, None), None, Seconds(1.0, None, None, 2.0, 0.5, 0.0, 1.5), Window(), "on", RowDigests("", "", "", "", ""), "",
    )  # fmt: skip


def printed(width: int, action: object, *, terminal: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=terminal, no_color=True, legacy_windows=False)
    action(console)  # type: ignore[operator]
    return file.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_cell_is_torn(width: int) -> None:
    """Whatever the width, each value stands whole on one line, or the line is its own."""
    text = printed(width, lambda console: lay(console, TITLES, ROWS))
    assert "30.5B" in text
    assert "262,144" in text
    assert "wholly on the GPU" in text
    assert all(len(line) <= max(width, 56) for line in text.splitlines())
    assert not [line for line in text.splitlines() if line != line.rstrip() and width == 40]


def test_a_wide_console_gets_columns_and_a_narrow_one_records() -> None:
    """Two rows are three lines of a table, or a heading and its fields each."""
    wide, narrow = (printed(width, lambda console: lay(console, TITLES, ROWS)) for width in (200, 60))
    assert len(wide.splitlines()) == 3
    assert narrow.splitlines()[1].startswith("  size 30.5B  trained 262,144")


def test_a_column_that_says_nothing_is_left_out() -> None:
    """Empty columns cost no width."""
    assert "size" not in printed(200, lambda console: lay(console, TITLES, ROWS[1:]))


def test_titles_are_no_markup_and_no_control_characters() -> None:
    """A model's name may head a column."""
    text = printed(200, lambda console: lay(console, ("task", "[red]m\x1b[2J"), [("one", "solved")]))
    assert "[red]m" in text
    assert "\x1b" not in text


def test_words_are_no_markup() -> None:
    """Brackets in a name are shown, and control characters are written out."""
    text = printed(80, lambda console: (lay(console, ("task",), [("a[red]b\x1b[2J",)]), tell(console, "[bold]x[/bold]")))
    assert "a[red]b\\x1b[2J" in text
    assert "[bold]x[/bold]" in text


def test_a_sentence_is_broken_only_on_a_terminal() -> None:
    """In a file one sentence is one line; on a terminal it breaks at blanks."""
    words = "word " * 30
    assert len(printed(40, lambda console: tell(console, words)).splitlines()) == 1
    shown = printed(40, lambda console: tell(console, words), terminal=True).splitlines()
    assert all(len(line) <= 40 and "wo rd" not in line for line in shown)


def test_fields_are_packed_in_order() -> None:
    """As many to a line as fit."""
    assert [line.plain for line in packed([Text("aa"), Text("bb"), Text("cccccc"), Text("d")], 6)] == ["aa  bb", "cccccc", "d"]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_summary_reads_at_any_width(width: int) -> None:
    """All counts stand on the first line, and every task's marks whole."""
    rows = (
        row("t0001", "passed", "solved"), row("t0002", "failed", "wrong"), row("t0003", "pending", "none"),
        row("t0004", "broken", "sandbox", task="another-task", model="claude/claude-opus-4-7"),
    )  # fmt: skip
    told = overview(About("r"), rows)
    text = printed(width, lambda console: show(told, console))
    assert counts_line(told.counts) == "planned 4 = 1 passed + 1 failed + 1 broken + 0 invalid + 1 pending"
    assert text.startswith("planned 4 = 1 passed")
    for words in ("✓ solved", "✗ wrong", "! sandbox", "… pending", "50 %", "ollama/qwen3:8b", "claude/claude-opus-4-7"):
        assert words in text
    assert all(len(line) <= width for line in text.splitlines() if not line.startswith("planned"))
