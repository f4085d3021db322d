"""A job summary whose names stay names, and that stays short."""

from __future__ import annotations

import re

from harness.report.markdown import TASKS, code, markdown, plain
from harness.report.overview import About, overview
from tests.cli.rows import a_row
from tests.report.runs import HOSTILE, a_run


def test_names_can_not_become_markup() -> None:
    """No tag, pipe, backtick, emphasis, link, mention or issue is left of one; control characters are written out."""
    rows = (a_row(task=HOSTILE, agent=HOSTILE, model=HOSTILE, variant=HOSTILE, thinking=HOSTILE, flags=(HOSTILE,)),)
    told = markdown(overview(About("r", HOSTILE), rows))
    bare = re.sub(r"&#\d+;|</?code>|\*\*planned[^*]*\*\*", "", told)
    for line in bare.splitlines():
        words = re.sub(r"^#+ longhaul|^- ", "", line)
        words = re.sub(r"\s*\|\s*", "", words) if line.startswith("|") else words
        assert not re.search(r"[<>`*\[\]@#\\|]", words.replace("pass@", "").replace("pass^", "")), line
    assert len({line.count("|") for line in told.splitlines() if line.startswith("| <code>")}) <= 3


def test_mentions_do_not_call() -> None:
    """In a sentence a zero-width space stands behind @ and #; a name is code, where nobody is called."""
    assert plain("@all #1") == "&#64;&#8203;all &#35;&#8203;1"
    assert code("@all") == "<code>&#64;all</code>"
    assert code(" \n ") == "<code>?</code>"
    assert len(code("x" * 10_000)) < 300


def test_a_table_has_one_number_of_columns() -> None:
    """Each row has as many cells as its heading."""
    for block in markdown(a_run()).split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1


def test_a_long_run_has_a_short_summary() -> None:
    """Far below the 1 MiB at which it would be refused, and it says what is not in it."""
    told = markdown(overview(About("r"), tuple(a_row(trial=f"t{n}", task=f"task-{n}") for n in range(3000))))
    assert f"{3000 - TASKS:,} more tasks" in told
    assert len(told) < 100_000


def test_a_run_without_rows_is_told() -> None:
    """Nothing planned has a summary, too."""
    assert "planned 0" in markdown(overview(About("r"), ()))
