"""The page as one opens it: the counts first, then what changes how to read them, the list, the keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from harness.cli.page import write
from tests.report.page.conftest import Visitor
from tests.report.page.stories import a_run, record, solved, tale


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tasks twice: passed, failed, broken, pending."""
    folder = tmp_path_factory.mktemp("overview")
    held = a_run(folder, ("alpha", "beta", "gamma"), attempts=2)
    solved(held, "t0001")
    solved(held, "t0002")
    failed = tale(held, "t0003")
    failed.begin()
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


def test_every_section_of_the_report_is_there(page_file: Path, visitor: Visitor) -> None:
    """Rates, attempts, grid, sizes, time, stops, tool calls, environment, trials; the charts are drawn, without evaluating text as code."""
    page = visitor.visit(page_file)
    for section in ("rates", "at-k", "grid", "sizes", "time", "stops", "health", "environment", "trials"):
        page.locator(f"#{section}").scroll_into_view_if_needed()
    for chart in page.locator("[data-chart]").all():
        expect(chart.locator("svg")).to_be_visible()
    assert page.locator("[data-chart]").count() >= 4
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
    """/ filters, j and k choose, Enter opens, n and p go on, Esc returns, ? shows the keys, t changes the theme."""
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
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_sideways(page_file: Path, visitor: Visitor, width: int, scheme: str) -> None:
    """The page is as wide as its window, in the overview and in a trial."""
    page = visitor.visit(page_file, width=width, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
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
    assert page.pdf()[:5] == b"%PDF-"
