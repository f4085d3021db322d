"""The page as one opens it: the counts first, then what changes how to read them, the list, the keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from harness.cli.record.page import write
from harness.core.chat import Sampling, Timing
from harness.core.events import SlotWaited
from harness.core.facts import ModelFacts, Window
from harness.metrics.row import Seconds
from harness.report.overview import About, overview
from harness.report.page_columns import spans, speeds, stop_names
from harness.report.page_format import model_facts, moment
from harness.report.surroundings import ModelRecord
from tests.cli.rows import a_row
from tests.report.page.conftest import Visitor
from tests.report.page.stories import a_run, record, solved, tale

PAPER_PX = 718
"""A4 with the margins that Chromium leaves."""
CUT = "[...document.querySelectorAll('#overview .wide')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel + one.scrollWidth)"
"""Tables that are wider than their place."""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tasks twice: passed, failed, broken, pending."""
    folder = tmp_path_factory.mktemp("overview")
    held = a_run(folder, ("alpha", "beta", "gamma"), attempts=2)
    solved(held, "t0001")
    solved(held, "t0002")
    failed = tale(held, "t0003")
    failed.timing = Timing(0.5, prefill=0.2, decode=0.2)
    failed.begin()
    failed.add(SlotWaited(7380.0), seconds=7380.0)
    failed.turn("Hm.", '{"command": "ls"}', "a.txt")
    failed.end(new="failed")
    broken = tale(held, "t0004")
    broken.begin()
    broken.broke()
    record(held, failed, broken)
    write(held, folder / "page.html")
    return folder / "page.html"


def test_the_first_line_counts_every_trial(page_file: Path, visitor: Visitor) -> None:
    """planned = passed + failed + broken + invalid + pending stands on top, and warnings under it."""
    page = visitor.visit(page_file)
    assert " ".join(page.locator("#counts").inner_text().split()) == "6 planned = 2 passed + 1 failed + 1 broken + 0 invalid + 2 pending"
    expect(page.locator(".cautions")).to_contain_text("3 tasks are too few to rank models by")
    expect(page.locator("#rates tbody")).to_contain_text("coder × tape/m")
    expect(page.locator(".headline .meta")).to_contain_text("begun 2026-01-02 03:04 UTC")


def test_a_table_leaves_out_what_would_be_zeros_or_dashes_alone(page_file: Path, visitor: Visitor) -> None:
    """No price, no cost; ends that no trial came to are not listed; a script's time is the model's, without a speed."""
    page = visitor.visit(page_file)
    assert "Cost" not in page.locator("#rates thead").inner_text()
    assert page.locator(".times thead th").all_inner_texts()[2:] == [
        "Prompt", "Decode", "Model, other", "Tools", "Harness", "Waiting", "Grading", "All", "Prompt\ntok/s", "Output\ntok/s", "Overall\ntok/s",
    ]  # fmt: skip
    assert page.locator(".stops thead th").all_inner_texts()[1:] == ["answered", "none"]
    cells = overview(About("r"), (a_row(model="scripted/demo", seconds=Seconds(1.0, None, None, 1.0, 1.0, 0.0, 1.0)),)).cells
    assert ("model_other", "Model") in spans(cells)
    assert not {"prefill", "decode", "waiting"} & {name for name, _ in spans(cells)}
    assert speeds(cells) == ()
    assert stop_names(cells) == ("answered",)
    assert (spans(()), stop_names(())) == ((), ())


def test_a_script_is_said_to_be_no_model() -> None:
    """No server, no sampling, no output bound: there is none that answers."""
    facts = ModelFacts("scripted", "demo", server="none: a script, no model", sampling=Sampling(origin="none: a script"))
    assert model_facts(ModelRecord("scripted/demo", "", Window(None, 32768), facts, 3), redacted=False) == "a script, no model · window 32,768 granted (3 trials)"


def test_a_moment_has_its_zone() -> None:
    """UTC, or how far from it; none where none is known."""
    assert [moment(f"2026-01-02T03:04:05{zone}") for zone in ("+0000", "Z", "+00:00", "-0330", "+02:00", "")] == [
        f"2026-01-02 03:04{words}" for words in (" UTC", " UTC", " UTC", " UTC-03:30", " UTC+02:00", "")
    ]


def test_every_section_of_the_report_is_there(page_file: Path, visitor: Visitor) -> None:
    """Rates, attempts, grid, sizes, time, stops, tool calls, environment, trials; the charts are drawn, without evaluating text as code."""
    page = visitor.visit(page_file)
    for section in ("rates", "at-k", "grid", "sizes", "time", "stops", "health", "environment", "trials"):
        page.locator(f"#{section}").scroll_into_view_if_needed()
    for chart in page.locator("[data-chart]").all():
        expect(chart.locator("svg")).to_be_visible()
    assert page.locator("[data-chart]").count() >= 4
    assert "coder × tape/m" in page.locator("[data-chart] svg").first.inner_html()
    assert page.locator("#grid .mark").count() == 6
    names = {use.get_attribute("href") for use in page.locator("#grid .mark use").all()}
    assert names == {"#o-passed", "#o-failed", "#o-broken", "#o-pending"}


def test_trials_are_filtered_by_model_task_outcome_and_text(page_file: Path, visitor: Visitor) -> None:
    """Each filter narrows the list, and the count says to how many."""
    page = visitor.visit(page_file)
    rows = page.locator("#list .row:not(.headrow)")
    expect(rows).to_have_count(6)
    page.select_option("#f-outcome", "passed")
    expect(rows).to_have_count(2)
    expect(page.locator("#f-count")).to_have_text("2 of 6 trials")
    page.select_option("#f-outcome", "")
    page.select_option("#f-task", "beta")
    expect(rows).to_have_count(2)
    page.fill("#f-text", "server went")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("t0004")
    page.fill("#f-text", "no such thing")
    expect(rows).to_have_count(0)


def test_the_list_is_sorted_by_a_click_on_its_head(page_file: Path, visitor: Visitor) -> None:
    """Once up, twice down; the head says which."""
    page = visitor.visit(page_file)
    page.get_by_role("button", name="Turns", exact=True).click()
    assert page.locator("#list .rowlink").first.inner_text() in {"t0004", "t0005"}
    page.get_by_role("button", name="Turns").click()
    assert page.locator("#list .rowlink").first.inner_text() in {"t0001", "t0002"}
    expect(page.locator("[aria-sort=descending]")).to_contain_text("Turns")


def test_the_keys_do_what_the_help_says(page_file: Path, visitor: Visitor) -> None:
    """/ filters, j and k choose, Enter opens, n and p go on, Esc returns, ? shows the keys."""
    page = visitor.visit(page_file)
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("alpha")
    expect(page.locator("#list .row:not(.headrow)")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator("#list .row:not(.headrow)")).to_have_count(6)
    page.keyboard.press("Escape")
    for key in "jjk":
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.locator("#trial h1")).to_contain_text("t0001")
    expect(page.locator("#turn-1")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator("#trial h1")).to_contain_text("t0002")
    expect(page.locator("#turn-1")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".turn.current")).to_have_id("turn-1")
    assert page.url.endswith("#t0002/turn-1")
    page.keyboard.press("Escape")
    expect(page.locator("#overview")).to_be_visible()


def test_a_filter_is_left_for_its_hits_by_key(page_file: Path, visitor: Visitor) -> None:
    """Enter or Down in the box goes to the first hit, the filter stays; n and p walk what it left, as it is sorted."""
    page = visitor.visit(page_file)
    for key in ("Enter", "ArrowDown"):
        page.keyboard.press("/")
        page.fill("#f-text", "passed")
        page.keyboard.press(key)
        expect(page.locator("#list .row.chosen .rowlink")).to_be_focused()
        expect(page.locator("#list .row.chosen")).to_contain_text("t0001")
        assert page.input_value("#f-text") == "passed"
    page.fill("#f-text", "a")
    page.get_by_role("button", name="Verdict", exact=True).click()
    page.select_option("#f-task", "alpha")
    page.select_option("#f-task", "beta")
    assert page.locator("#list .rowlink").all_inner_texts() == ["t0003", "t0004"]
    page.get_by_role("button", name="Verdict").click()
    page.locator("#list .rowlink", has_text="t0004").click()
    expect(page.locator("#trial h1")).to_contain_text("t0004")
    page.keyboard.press("n")
    expect(page.locator("#trial h1")).to_contain_text("t0003")
    expect(page.get_by_role("link", name="Next")).to_have_count(0)
    page.keyboard.press("n")
    expect(page.locator("#trial h1")).to_contain_text("t0003")
    page.keyboard.press("Escape")
    page.fill("#f-text", "no such thing")
    page.keyboard.press("Enter")
    expect(page.locator("#f-text")).to_be_focused()


@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_each_press_of_the_theme_shows(page_file: Path, visitor: Visitor, scheme: str, other: str) -> None:
    """The first to the opposite of what the system says, the next back; charts change with the tables."""
    page = visitor.visit(page_file, scheme=scheme)
    page.locator("#sizes").scroll_into_view_if_needed()
    page.locator("#sizes [data-chart] svg").first.wait_for()
    green = {"light": "rgb(0, 135, 95)", "dark": "rgb(35, 166, 124)"}
    fills = "[...document.querySelectorAll('#sizes [data-chart] svg path')].map((one) => getComputedStyle(one).fill)"
    assert green[scheme] in page.evaluate(fills)
    page.keyboard.press("t")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == other
    assert green[other] in page.evaluate(fills)
    page.get_by_role("button", name=f"Theme: {other}").click()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == scheme
    expect(page.locator("#theme")).to_have_text("Theme: auto")


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_sideways(page_file: Path, visitor: Visitor, width: int, scheme: str) -> None:
    """The page is as wide as its window, in the overview and in a trial; on a desk no table has to be pushed aside."""
    page = visitor.visit(page_file, width=width, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    if width == 1280:
        assert page.evaluate(CUT) == []
    page.goto(page_file.absolute().as_uri() + "#t0001")
    expect(page.locator("#turn-2")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_page_prints_all_of_itself(page_file: Path, visitor: Visitor) -> None:
    """On paper there are the figures and the list, no buttons and no filters."""
    page = visitor.visit(page_file)
    page.emulate_media(media="print")
    expect(page.locator(".filter")).to_be_hidden()
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator("#counts")).to_be_visible()
    page.set_viewport_size({"width": PAPER_PX, "height": 1000})
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PAPER_PX
    assert page.pdf()[:5] == b"%PDF-"
