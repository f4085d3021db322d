"""A slice of the traces that no mutator made: a staged task played in real containers, as it should be and with its slips."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.real_cases import of_family, run
from benchmarks.real_traces import Shown, page, shown, verdict, verdicts
from harness.core.findings import Finding


@pytest.mark.docker
def test_who_forgets_nothing_is_told_of_nothing(tmp_path: Path) -> None:
    """The moves of a short T6 under `coder` are silent; with a slip of each item `tool_loop` is told of what it lost, imagined and claimed, and of nothing else."""
    moves, slips = of_family("T6", tmp_path, ",stages=2,supersession=0")
    for case in (moves, slips):
        run(case, tmp_path)
    ((right,), (wrong,)) = tuple(shown(moves.name, tmp_path)), tuple(shown(slips.name, tmp_path))
    assert right.opportunities > 0
    assert (right.violated, right.found) == (0, ())
    assert wrong.violated > 0
    assert {one.kind[0] for one in wrong.found} <= set("CDLHI")  # I: the slip of a suffix imports a name that nothing has
    assert {one.kind[0] for one in wrong.found} & set("CDL")


def test_a_judgement_is_of_a_case_a_kind_and_its_items() -> None:
    """Every finding of the page is judged by the first row about it; one that no row is about has no verdict."""
    table = verdicts()
    loop = Finding("F1", "", 4, 1, 4, "the same step 4 times")
    found = verdict("ollama-loop", loop, table)
    assert found is not None
    assert found.verdict == "true"
    assert verdict("moves-T1", loop, table) is None
    text = page((Shown("ollama-loop", "tiny", "tool_loop", 12, 0, 0, (loop,)),), table)
    assert "1 findings, 0 of them false" in text
    assert "| ollama-loop | tiny | tool_loop | 12 | 0 | 0 | 1 F1 |" in text
