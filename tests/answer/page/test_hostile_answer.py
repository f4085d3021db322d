"""Whatever tasks, models, runs, reasons and paths are called: nothing of it runs, breaks a page of answers, or hides; and axe-core finds nothing."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from benchmarks.answers import HOSTED, LOCAL, MEDIUM, RUN, answer, nights
from harness.answer.night.nights import Damaged
from harness.answer.pages.page import page as compared
from harness.answer.pages.page_question import addressed
from harness.answer.pages.trend_page import page as trended
from tests.report.page.conftest import Visitor
from tests.report.page.test_hostile_page import MARKUP, UNSEEN, untouched

HOSTILE = f"{MARKUP}{UNSEEN}: "


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Every word of a value changed, all the way down."""
    match value:
        case str():
            for old, new in names.items():
                value = value.replace(old, new)
            return value
        case msgspec.Struct():
            return type(value)(*(renamed(getattr(value, name), names) for name in value.__struct_fields__))
        case dict():
            return {renamed(key, names): renamed(each, names) for key, each in value.items()}
        case tuple():
            return tuple(renamed(each, names) for each in value)
        case _:
            return value


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both pages, every word in them hostile that comes from outside, and paths that would lead elsewhere."""
    folder = tmp_path_factory.mktemp("hostile")
    told = answer((LOCAL, HOSTED), tasks=20)
    (one,) = told.comparisons
    words = {LOCAL.model: f"ollama/{HOSTILE}"} | dict.fromkeys((one.only_b[0].task, "empty", RUN, "ollama against", "t0001"), HOSTILE)
    bad = msgspec.structs.replace(one, regime=HOSTILE, doubts=(*one.doubts, HOSTILE), accepted=(HOSTILE,), told=(HOSTILE,))
    bad = renamed(msgspec.structs.replace(told, comparisons=(bad,), told=(HOSTILE,)), words)
    (folder / "compare.html").write_bytes(compared(bad, {HOSTILE: 'javascript:alert(5)//"><script>alert(6)</script>'}))
    trend = nights(3, 10)
    touched = ("nightly", LOCAL.model, trend.turning[0].task, "2026-01-02T", "20260103-220000-cafe", "fell", "rose")
    spoilt = renamed(trend, dict.fromkeys(touched, HOSTILE))
    spoilt = msgspec.structs.replace(spoilt, damaged=(Damaged(HOSTILE, HOSTILE),), told=(HOSTILE,), against=HOSTILE)
    (folder / "trend.html").write_bytes(trended(spoilt, {HOSTILE: "//evil.example/x"}))
    return folder


@pytest.mark.parametrize("name", ["compare", "trend"])
def test_hostile_words_are_text(hostile: Path, visitor: Visitor, name: str) -> None:
    """Markup stands there as words, unseen characters are written out, links lead nowhere else, and the policy lets nothing in but one script."""
    page = visitor.visit(hostile / f"{name}.html")
    page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
    untouched(page)
    text = page.locator("body").inner_text()
    assert "</script><script>alert(1)</script>" in text
    assert all(word in text for word in ("\\x1b", "\\u202e", "\\u200b"))
    assert not any(sign in text for sign in "\x1b\u202e\u200b\ufeff")
    assert page.evaluate("[...document.links].filter((one) => one.protocol !== 'file:' || (one.host && one.host !== location.host)).length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    source = (hostile / f"{name}.html").read_text("utf-8")
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', source)[1])  # type: ignore[index]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[\w+/=]+'", rules["script-src"])
    assert source.count("<script") == 1


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("a b/r#1.html", "a%20b/r%231.html"), ("javascript:alert(1)", "javascript%3Aalert%281%29"), ("//evil.example/x", "/evil.example/x"),
        ("../../é\udcff.html", "../../%C3%A9%ED%B3%BF.html"), ("\\\\evil\\x", "%5C%5Cevil%5Cx"),
    ],
)  # fmt: skip
def test_a_path_is_never_another_scheme_or_host(path: str, link: str) -> None:
    """Whatever a file is called, its link is a path."""
    assert addressed({"run": path}, "run", "t0001") == f"{link}#t0001"
    assert addressed({}, "run") == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(tmp_path: Path, visitor: Visitor, scheme: str) -> None:
    """No violation of any rule, everything opened: two models, several, and nights."""
    pages = {
        "two": compared(answer((LOCAL, HOSTED), tasks=20), {RUN: "x.html"}), "three": compared(answer((LOCAL, HOSTED, MEDIUM), tasks=12), {}),
        "nights": trended(nights(8, 12), {}),
    }  # fmt: skip
    for name, text in pages.items():
        (tmp_path / f"{name}.html").write_bytes(text)
        page = visitor.visit(tmp_path / f"{name}.html", scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
        assert violations(page) == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]
