"""The page of nights in a row in a real browser: words, intervals, the band, what changed, the control, and counts that add up."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect

from benchmarks.answers import nights
from harness.answer.night.nights import Damaged, Trend
from harness.answer.pages.trend_page import page as written
from harness.report.page_format import bounds, pct
from tests.report.page.conftest import Visitor


@pytest.fixture(scope="module")
def told() -> Trend:
    """Eight nights: one breaks, the server changes, then the model is worse."""
    return nights(8)


def shown(folder: Path, trend: Trend, visitor: Visitor, *, width: int = 1280, links: dict[str, str] | None = None) -> Page:
    (folder / "trend.html").write_bytes(written(trend, links or {}))
    return visitor.visit(folder / "trend.html", width=width)


def test_the_latest_night_is_read_first(told: Trend, tmp_path: Path, visitor: Visitor) -> None:
    """Its word and its reasons stand above the picture, as the trend has them."""
    last = told.lines[0].points[-1]
    assert last.word == "regressed"
    page = shown(tmp_path, told, visitor)
    expect(page.locator("h1")).to_have_text(f"{told.lines[0].who.model} regressed")
    expect(page.locator(".lead")).to_contain_text("; ".join(last.reasons))
    expect(page.locator(".headline")).to_contain_text("a drop of 10 points matters")


def test_every_night_has_its_place_and_its_row(told: Trend, tmp_path: Path, visitor: Visitor) -> None:
    """Rate and interval as the trend has them, counts that add up, fresh seeds beside; a broken night has no rate, and no dot."""
    own, control = told.lines
    links = {told.nights[0].run: "runs/1/report.html"}
    page = shown(tmp_path, told, visitor, links=links)
    rows = [row.locator("td").all_inner_texts() for row in page.locator(".nighttable tbody tr:not(.why):not(.controlrow)").all()]
    told_rates = [[pct(point.rate), bounds(point.interval)] if point.judged else ["no rate", ""] for point in reversed(own.points)]
    assert [row[1:3] for row in rows] == told_rates
    for row in rows:
        planned, *parts = map(int, row[6:12])
        assert planned == sum(parts)
    expect(page.locator(".controlrow")).to_have_count(len(control.points))
    expect(page.locator(".spot.own")).to_have_count(8)
    expect(page.locator(".spot.control rect")).to_have_count(7)
    expect(page.locator(".spot.own .gone")).to_have_count(1)
    expect(page.locator(".nighttable a")).to_have_count(2)


def test_the_picture_stands_where_the_figures_are(told: Trend, tmp_path: Path, visitor: Visitor) -> None:
    """Heights of the first and the last night, read off the ticks, are their rates; the band is as deep as the drop that matters."""
    page = shown(tmp_path, told, visitor)
    top, bottom = (page.locator(".nights .tick").nth(place).bounding_box() for place in (-1, 0))
    spots = page.locator(".spot.own .whisker").all()
    band = page.locator(".nights .band").bounding_box()
    assert top
    assert bottom
    assert band
    high, low = sorted((top["y"], bottom["y"]))
    for spot, point in ((spots[0], told.lines[0].points[0]), (spots[-1], told.lines[0].points[-1])):
        box = spot.bounding_box()
        assert box
        assert point.interval
        assert (low - box["y"]) / (low - high) == pytest.approx(point.interval.high, abs=0.015)
        assert (low - box["y"] - box["height"]) / (low - high) == pytest.approx(point.interval.low, abs=0.015)
    assert band["height"] / (low - high) == pytest.approx(told.max_drop, abs=0.01)


def test_what_changed_is_marked_and_told(told: Trend, tmp_path: Path, visitor: Visitor) -> None:
    """A numbered line before the night, and under the picture what was then and what is now; tasks that turn night by night; what could not be read."""
    page = shown(tmp_path, msgspec.structs.replace(told, damaged=(Damaged("runs/9", "no database"),)), visitor)
    expect(page.locator("line.break")).to_have_count(1)
    expect(page.locator(".breaks")).to_contain_text("server: then ollama 0.9.0, now ollama 0.9.1")
    expect(page.locator(".breaks")).to_contain_text("model: then sha256:aaaaaaaaaaaa, now sha256:bbbbbbbbbbbb")
    assert page.locator("#turning tbody th").all_inner_texts() == [one.task for one in told.turning]
    marks = ", ".join(f"{passed} of {decided}" for passed, decided in told.turning[0].marks)
    expect(page.locator("#turning .columns").first).to_have_attribute("aria-label", marks)
    expect(page.locator("#conditions")).to_contain_text("runs/9 no database")


def test_a_narrow_screen_is_not_scrolled_sideways(tmp_path: Path, visitor: Visitor) -> None:
    """Thirty nights at 400 pixels: the picture scrolls by itself."""
    page = shown(tmp_path, nights(30, 10), visitor, width=400)
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    assert page.evaluate("document.querySelector('.nights').scrollWidth") > 1000


def test_sides_stand_one_under_the_other(told: Trend, tmp_path: Path, visitor: Visitor) -> None:
    """A picture for each, its latest word above them all; a control without the side that it controls is one of its own."""
    other = msgspec.structs.replace(told.lines[1], who=msgspec.structs.replace(told.lines[1].who, model="openai/made-medium"))
    page = shown(tmp_path, msgspec.structs.replace(told, lines=(*told.lines, other)), visitor)
    assert [item.split()[1] for item in page.locator(".sidelist li").all_inner_texts()] == ["regressed", "seeds"]
    expect(page.locator(".nights")).to_have_count(2)


def test_a_trend_without_a_night_says_so(told: Trend, tmp_path: Path, visitor: Visitor) -> None:
    """No picture, no word."""
    page = shown(tmp_path, msgspec.structs.replace(told, nights=(), lines=(), turning=()), visitor)
    expect(page.locator("h1")).to_have_text("No night to tell of")
