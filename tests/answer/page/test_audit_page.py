"""The page of samples in a real browser: every sample can be answered, nothing is lost on the way, and hostile words stay words."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
from playwright.sync_api import Page, expect

from harness.answer.audit.answers import read
from harness.answer.audit.audit_page import page as written
from harness.answer.audit.differences import Difference
from harness.answer.audit.sheet import Call, Sheet, Step, Told
from tests.report.page.conftest import Visitor

EVIL = "</script><img src=x onerror=document.title='owned'>\u202eevil\x1b[31m {{ 7 * 7 }}"


def sheets() -> tuple[Sheet, ...]:
    turn = Step(3, 1, EVIL, (Call("shell", EVIL, EVIL),), (), ("tools: shell",))
    plain = Sheet("a001", "Is it so?", "yes where it is", (EVIL,), (Told(EVIL, "holds", "not in view"),), ("1. shell ls",), turn, (), ("a.py", EVIL))
    return tuple(msgspec.structs.replace(plain, id=f"a{number:03d}") for number in (1, 2, 3))


def shown(folder: Path, visitor: Visitor, *, width: int = 1280, scheme: str = "light") -> Page:
    (folder / "audit.html").write_bytes(written("0123456789ab", sheets()))
    return visitor.visit(folder / "audit.html", width=width, scheme=scheme)


def test_answers_are_saved_as_they_were_given(tmp_path: Path, visitor: Visitor) -> None:
    """What is ticked and noted is in the file that the command reads; what is open is null; after a reload all of it is still there."""
    page = shown(tmp_path, visitor)
    page.fill("#who", "AB")
    page.check("input[name=a001][value=yes]")
    page.check("input[name=a003][value=unsure]")
    page.fill("[data-note=a003]", "hard to tell")
    expect(page.locator("#progress")).to_have_text("2 of 3 answered")
    page.reload()
    expect(page.locator("#progress")).to_have_text("2 of 3 answered")
    with page.expect_download() as saved:
        page.click("#save")
    assert saved.value.suggested_filename == "answers-AB.json"
    data = Path(saved.value.path()).read_bytes()
    told = read(data, "answers-AB.json")
    assert (told.who, told.audit, told.answers) == ("AB", "0123456789ab", {"a001": "yes", "a002": None, "a003": "unsure"})
    assert json.loads(data)["notes"] == {"a003": "hard to tell"}
    page.click("#next")
    expect(page.locator("input[name=a002][value=yes]")).to_be_focused()


def test_hostile_words_stay_words(tmp_path: Path, visitor: Visitor) -> None:
    """No markup of a model's or tool's runs, no template is read in it, what can't be seen is written out."""
    page = shown(tmp_path, visitor)
    assert page.title() == "Audit 0123456789ab, 3 samples · longhaul"
    expect(page.locator("#a001 pre.said")).to_contain_text("<img src=x onerror=document.title='owned'>\\u202eevil\\x1b[31m {{ 7 * 7 }}")
    assert page.locator("img").count() == 0


def test_every_text_stands_there_whole() -> None:
    """What was said, called, answered, changed, told, asked and done before: a labeller reads the middle of a long text, too."""

    def long(place: str) -> str:
        return f"{'a' * 1_000}the middle of {place}\u202e{'b' * 1_000}"

    places = ("words", "name", "arguments", "output", "path", "difference", "note", "item", "request", "before", "file")
    words, name, arguments, output, path, difference, note, item, request, before, file = map(long, places)
    turn = Step(3, 1, words, (Call(name, arguments, output),), (Difference(path, f"+{difference}"),), (note,))
    html = written("0123456789ab", (Sheet("a001", "q", "y", (request,), (Told(item, "holds", "in view"),), (before,), turn, (turn,), (file,)),)).decode()
    assert {place: f"the middle of {place}\\u202e" in html for place in places} == dict.fromkeys(places, True)


def test_it_fits_a_telephone_in_the_dark(tmp_path: Path, visitor: Visitor) -> None:
    """No sideways scrolling at 390 pixels, with every part opened."""
    page = shown(tmp_path, visitor, width=390, scheme="dark")
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
