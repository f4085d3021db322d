"""docs/context-loss.md: its tables are what the code says, and no number of the detectors is left out of the sensitivity."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from benchmarks import sensitivity_figures as figures
from benchmarks import sensitivity_studies as studies
from benchmarks import validate_points
from benchmarks.loss_page import NONE, PAGE, between, laid, scored
from benchmarks.sensitivity import Judged, concerned, row, some
from benchmarks.sensitivity import Run as Taped
from benchmarks.sensitivity_knobs import BOUNDS, KNOBS, KNOWN, ROOT, constants, misplaced, unlisted
from harness.answer.study import chances
from harness.corpus.published import published
from harness.metrics.context.all import detectors

READ = (
    "from harness.metrics.context.kept import grace, losses\n"
    "from harness.metrics.context.detectors import constraints, loops\n"
    "from harness.metrics.window import tolerance\n"
    "print(grace.over.__defaults__, constraints.ADOPTED, loops.SAME, loops.FAILING, tolerance(0), tolerance(10_000))\n"
)


def changed(module: str, name: str, value: float, text: str = "", shipped: str = "") -> str:
    """What a fresh process reads where one number has another value."""
    finder = f"import sys\nfrom benchmarks.sensitivity_judge import Finder\nsys.meta_path.insert(0, Finder('harness.metrics.{module}', {name!r}, {value!r}, ({text!r}, {shipped!r})))\n"
    return subprocess.run([sys.executable, "-c", finder + READ], capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()


def test_no_number_of_the_detectors_is_left_out() -> None:
    """Every number in a detector, and in what it imports, is a threshold that is varied, or is told to be none and why; at the value it has now."""
    assert unlisted() == []
    assert misplaced() == []
    found = {f"{module}.{name.lstrip('_')}" for module, name, _ in constants()}
    assert set(KNOWN) <= found
    assert set(BOUNDS) <= {name.rpartition(".")[2] for name in found}


def test_a_new_number_would_be_noticed() -> None:
    """A threshold that is on no list is named."""
    assert unlisted(knob for knob in KNOBS if knob.name != "STILL") == ["context.detectors.loops.STILL"]


@pytest.mark.parametrize(("change", "read"), [
    (("context.kept.grace", "GRACE", 7), "(7,) 2 4 3 16 200"),
    (("context.kept.losses", "ADOPTED", 9), "(2,) 9 4 3 16 200"),
    (("context.detectors.loops", "FAILING", 5), "(2,) 2 4 5 16 200"),
    (("window", "tolerance", 40, "max({}, tokens // 50)", "16"), "(2,) 2 4 3 40 200"),
], ids=lambda each: each[1] if isinstance(each, tuple) else "")  # fmt: skip
def test_a_changed_number_reaches_whoever_took_it_over(change: tuple[str, str, float, str, str], read: str) -> None:
    """Defaults of functions and names imported from the module have the new value, and nothing else does."""
    assert changed(*change) == read


def test_kinds_and_values_of_a_knob_make_sense() -> None:
    """Knobs name kinds that a detector reports, and try a smaller or a larger value."""
    known = {kind for one in detectors() for kind in one.kinds}
    assert not [knob for knob in KNOBS if not set(knob.kinds) <= known or len(knob.values) < 2 or knob.shipped in knob.tried]


def test_a_row_tells_what_changed() -> None:
    """The shipped value in bold; kinds that are found less often by name; runs of other kinds are not asked."""
    knob = next(knob for knob in KNOBS if knob.name == "ADOPTED")
    shipped, other = Judged(2, {"C1": (3, 3), "C2": (2, 2)}, ()), Judged(4, {"C1": (1, 3), "C2": (2, 2)}, ("C2 in x",))
    assert row(knob, (shipped, other), 6).endswith("| 5 + 6 | **2: 1.000, 0**; 4: 0.600 (C1 1/3), 1 |")
    assert [concerned(knob, Taped(1, "x", kinds)) for kinds in (("C1",), ("C1", "F1"))] == [True, False]
    assert [concerned(knob, Taped(1, word, ())) for word in ("mended", "polling")] == [True, False]


def test_a_folder_of_more_runs_can_be_judged_in_part() -> None:
    """So many of each planted kind and a quarter as many of each look-alike, the first ones."""
    every = [Taped(number, "x", ("C1",) if number % 2 else ()) for number in range(20)]
    assert [run.number for run in some(every, 8)] == [0, 1, 2, 3, 5, 7, 9, 11, 13, 15]


def test_the_tables_of_the_page_are_what_the_code_says() -> None:
    """The scorecard that is kept, and the rule of mechanisms, stand in the page as they are."""
    page = PAGE.read_text("utf-8")
    assert between(page, "scorecard") == scored(published())
    assert between(page, "points") == validate_points.table()


def test_the_page_has_every_threshold() -> None:
    """Each knob has a row with its shipped value in bold."""
    rows = between(PAGE.read_text("utf-8"), "sensitivity").splitlines()
    for knob in KNOBS:
        mine = [line for line in rows if line.startswith(f"| `{knob.module.removeprefix('context.')}` {knob.name} |")]
        assert [re.findall(r"\*\*([\d.]+):", line) for line in mine] == [[f"{knob.shipped:g}"]], knob.name


def test_no_number_of_the_figures_is_left_out() -> None:
    """Every number of the probe, of studies, of their statistics and tables has a row, or is told to be no threshold and why; at the value it has now."""
    assert figures.unlisted() == []
    assert {f"{each.module} {each.name}": figures.now(each) for each in figures.ROWS} == {f"{each.module} {each.name}": each.shipped for each in figures.ROWS}
    found = [f"{module}.{name}" for module in figures.rooms() for name in figures.numbers(module)]
    assert [none for none in figures.NONE if not any(full.endswith(f".{none}") for full in found)] == []
    assert figures.unlisted(each for each in figures.ROWS if each.name != "SURE") == ["metrics.statistics.mechanisms.SURE"]


def test_the_page_has_every_threshold_of_the_figures() -> None:
    """Each row stands in the page with its name, what is told of it and its values, the shipped one in bold; and no other does."""
    lines = [line for line in between(PAGE.read_text("utf-8"), figures.MARK).splitlines() if line.startswith("| `")]
    assert len(lines) == len(figures.ROWS)
    for one, words in zip(figures.ROWS, lines, strict=True):
        assert words.startswith(figures.begin(one)), one.name
        cells = words.removeprefix(figures.begin(one)).strip(" |").split("; ")
        assert [cell.strip("*").partition(":")[0] for cell in cells] == [figures.said(value) for value in figures.values(one)], one.name
        assert [cell.strip("*").partition(":")[0] for cell in cells if cell.startswith("**")] == [figures.said(one.shipped)], one.name


def test_a_threshold_of_the_figures_is_set_and_put_back() -> None:
    """Whoever took the constant over has the other value meanwhile, and what was computed with it is forgotten."""
    low, sure = (next(each for each in figures.ROWS if each.name == name) for name in ("LOW", "SURE"))
    with figures.set_to(low, 0.6):
        assert vars(chances)["LOW"] == 0.6
    assert vars(chances)["LOW"] == low.shipped
    before = studies.mechanism(sure.shipped)
    with figures.set_to(sure, 0.95):
        assert studies.mechanism(0.95) != before
    assert studies.mechanism(sure.shipped) == before


def test_marks_hold_what_is_put_between_them() -> None:
    """What stands between two marks is replaced, the rest stays; a page without them is refused."""
    page = "a\n<!-- scorecard: begin -->\nold\n<!-- scorecard: end -->\nb\n"
    assert between(laid(page, "scorecard", NONE), "scorecard") == NONE
    assert laid(page, "scorecard", "new\n") == page.replace("old", "new")
    with pytest.raises(ValueError, match="points"):
        between(page, "points")
