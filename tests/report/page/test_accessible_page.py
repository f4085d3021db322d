"""axe-core finds nothing, light and dark, in the overview and in a trial."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from harness.cli.record.page import write
from tests.report.page.conftest import Visitor
from tests.report.page.stories import a_run, record, solved, tale


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("axe")
    held = a_run(folder, ("alpha", "beta"), attempts=2)
    solved(held, "t0001")
    told = tale(held, "t0002")
    told.begin()
    told.turn("Hm.\x1b", '{"command": "ls"}', "a.txt", files={"a.txt": b"one\n"}, ok=False)
    told.broke("gone", again=True)
    told.begin(2)
    told.turn("Again.", "no json", "b.txt", files={"a.txt": b"one\ntwo!\n"}, whole=b"more than that " * 10)
    told.end(new="failed")
    record(held, told)
    write(held, folder / "page.html")
    return folder / "page.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page_file: Path, visitor: Visitor, scheme: str) -> None:
    """No violation of any rule, everything opened."""
    page = visitor.visit(page_file, scheme=scheme)
    for chart in page.locator("[data-chart]").all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg")).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
    assert violations(page) == []
    page.goto(page_file.absolute().as_uri() + "#t0002")
    expect(page.locator("#turn-end")).to_be_attached()
    for _ in range(3):
        page.evaluate("document.querySelectorAll('#trial details').forEach((one) => one.open = true)")
    expect(page.locator("#turn-1 .wire .box").first).to_be_attached()
    assert violations(page) == []
    page.keyboard.press("?")
    assert violations(page) == []


def violations(page: object) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]
