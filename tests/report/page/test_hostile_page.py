"""Whatever a model, a tool, a task or a file is called and says: nothing of it runs, breaks the page, or hides."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect

from harness.cli.record.page import write
from harness.cli.record.runs import Held
from harness.core.trial import TestResult, TrialKey
from harness.store.sqlite import create
from tests.report.page.conftest import Visitor
from tests.report.page.stories import RUN, a_run, a_task, graded, record, tale

MARKUP = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)><iframe src=http://127.0.0.1:9/></iframe>"
    "<style>*{display:none}</style><!-- --!><link rel=stylesheet href=http://127.0.0.1:9/a.css>{{ 7 * 7 }}{% raw %}&amp;`${alert(4)}`"
)
UNSEEN = "\x1b[2J\x1b[31mred\x1b]0;title\x07 \x00 \u202egnp.exe\u2066 zero\u200bwidth \ud800 \ufeff tag\U000e0041 \x9b \ufffe\r\n\x07\nnext"
HOSTILE = f"{MARKUP}{UNSEEN}"
WRITTEN = ("\\x1b[2J", "\\x00", "\\u202e", "\\u2066", "\\u200b", "\\ud800", "\\ufeff", "\\U000e0041", "\\x9b", "\\ufffe\\x0d\n\\x07\nnext")


def hostile_run(folder: Path) -> Held:
    """Every word that reaches the page from outside is hostile: task, model, agent, run, request, reply, call, output, files, log, tests."""
    name = MARKUP + UNSEEN.replace("\ud800", "").replace("\x00", "")
    key = TrialKey(RUN, name, name, f"tape/{name}", name, 1)
    store = create(folder / RUN, (key,), {"run": RUN, "name": name, "created": name, "host": name, "plan": json.dumps({"x": name})})
    held = Held(store, a_run(folder / "other").plan, {name: a_task(name)})
    told = tale(held)
    told.begin(request=HOSTILE)
    files = {"a.txt": HOSTILE.encode("utf-8", "replace").replace(b"\x00", b""), MARKUP.replace("/", "_"): b"\x00binary", "\u202egnp.txt": b"x\n"}
    told.turn(HOSTILE, json.dumps({"command": HOSTILE, MARKUP: HOSTILE}), HOSTILE, files=files, ok=False, whole=b"\xff\xfe" + MARKUP.encode() + b"\x00" * 600)
    told.turn("A call that is no JSON.", f'{{"command": "{MARKUP}', "x" * 300_000, whole=(b"y" * 999 + b"\n") * 20_000)
    told.end(new="failed", log=HOSTILE.replace("\ud800", ""))
    told.add(graded("read", results=(TestResult(name, "failed"),), detail=name))
    record(held, told)
    return held


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    held = hostile_run(folder)
    write(held, folder / "page.html")
    write(held, folder / "beside.html", inside=0)
    return folder


def untouched(page: Page) -> None:
    """No element of the hostile words is one of the page's."""
    assert page.evaluate("document.querySelectorAll('img, iframe, link, svg[onload], svg [onload], body style').length") == 0
    assert page.evaluate("[...document.scripts].filter((one) => !one.type && one.textContent.startsWith('alert')).length") == 0


def test_hostile_names_do_not_touch_the_overview(hostile: Path, visitor: Visitor) -> None:
    """Markup stands there as text, unseen characters are written out, the list and the counts work."""
    page = visitor.visit(hostile / "page.html")
    page.locator("#trials").scroll_into_view_if_needed()
    expect(page.locator("#list .row:not(.headrow)")).to_have_count(1)
    expect(page.locator("#grid tbody th")).to_contain_text("</script><script>alert(1)</script>")
    expect(page.locator("#grid tbody th")).to_contain_text("\\u202e")
    for details in page.locator("#environment details > summary").all():
        details.click()
    page.keyboard.press("?")
    untouched(page)


@pytest.mark.parametrize("name", ["page.html", "beside.html"])
def test_hostile_words_do_not_run_or_hide_in_a_trial(hostile: Path, visitor: Visitor, name: str) -> None:
    """Everything opened: words, calls, outputs, differences, bodies, log; what can't be seen is written out."""
    page = visitor.visit(hostile / name, "t0001")
    expect(page.locator("#turn-end")).to_be_attached()
    for _ in range(3):
        page.evaluate("document.querySelectorAll('#trial details').forEach((one) => one.open = true)")
    expect(page.locator("#turn-1 .wire .box").first).to_be_attached()
    untouched(page)
    for place in ("#turn-0 .item.request .box", "#turn-1 .item.text", "#turn-1 .item.call dd >> nth=0", "#turn-1 .item.output > div > .box"):
        text = page.locator(place).first.text_content() or ""
        assert MARKUP in text, place
        assert not [word for word in WRITTEN if word not in text], place
        assert not any(sign in text for sign in "\x1b\x00\u202e\u200b\ufeff"), place
    assert "\\x1b[2J" in (page.locator("#turn-1 .change").text_content() or "")
    assert "\\xff\\xfe" in (page.locator("#turn-1 > .item.output").text_content() or "")
    assert page.evaluate("getComputedStyle(document.querySelector('#trial')).display") != "none"


def test_a_20_mb_output_is_shown_in_part_with_a_button_for_the_rest(hostile: Path, visitor: Visitor) -> None:
    """The page stays quick; each press shows more, until all of it has been."""
    page = visitor.visit(hostile / "page.html", "t0001/turn-2")
    output = page.locator("#turn-2 details.output")
    output.locator("> summary").click()
    output.get_by_text("All that the tool wrote, not only what the model was shown").click()
    whole = output.locator("details .words")
    assert len(whole.inner_text()) < 10_000
    button = whole.get_by_role("button")
    expect(button).to_contain_text("characters)")
    for press in (200_000, 800_000, 3_200_000, 12_800_000, 0):
        left = button.inner_text()
        assert left.startswith("Show more" if press else "Show the rest")
        button.click()
        expect(whole.get_by_role("button", name=left)).to_have_count(0)
    expect(button).to_have_count(0)
    assert page.evaluate("document.querySelector('#turn-2 details.output details .words').textContent.length") >= 20_000_000 - 40_000


def test_the_file_holds_no_open_door(hostile: Path) -> None:
    """The policy forbids all network and all evaluation, and the words can't end the elements they stand in."""
    text = (hostile / "page.html").read_text("utf-8")
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])  # type: ignore[index]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert all(word.startswith("'sha256-") for word in rules["script-src"].split())
    assert set(rules) == {"default-src", "script-src", "style-src-elem", "style-src-attr", "base-uri", "form-action"}
    assert "<script>alert" not in text
    assert "<img" not in text


def test_a_trace_that_only_began_is_shown(tmp_path: Path, visitor: Visitor) -> None:
    """A trial cut off in the middle of a tool is told as far as it went."""
    held = a_run(tmp_path)
    told = tale(held)
    told.begin()
    told.turn("Let me see.", '{"command": "ls"}', "a.txt")
    told.entries = [entry for entry in told.entries if type(entry.event).__name__ != "TreeSeen"][:-1]
    pen = held.store.begin(told.key)
    for seq, entry in enumerate(told.entries, 1):
        pen(msgspec.structs.replace(entry, seq=seq))
    write(held, tmp_path / "page.html")
    page = visitor.visit(tmp_path / "page.html", "t0001")
    expect(page.locator("#turn-1 .item.text")).to_have_text("Let me see.")
