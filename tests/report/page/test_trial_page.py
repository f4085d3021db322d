"""A trial in the page: its address, its verdict, its turns, its differences, its tries, its bodies, inside the file or beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from harness.cli.record.page import write
from harness.core.chat import Origin, Role, Text
from harness.core.events import TrialInterrupted, ViewEdited
from harness.core.trial import Parent
from tests.report.page.conftest import Visitor
from tests.report.page.stories import CHECK, RUN, a_run, record, solved, tale


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An everyday trial; one that failed in a long try after an interrupted one; one that goes on from another."""
    folder = tmp_path_factory.mktemp("trial")
    held = a_run(folder, ("alpha", "beta", "gamma"))
    solved(held, "t0001")
    told = tale(held, "t0002")
    told.begin()
    told.turn("I begin well.", '{"command": "ls"}', "a.txt")
    told.add(TrialInterrupted("the machine was switched off"))
    told.begin(2, Parent(RUN, "t0002", 1, 1, "full"), "Mend what is wrong here, " * 60)
    told.turn("Done?", '{"not_done": [], "done": "", "sure": true}', "so it is said")
    for turn in range(2, 41):
        told.turn(f"Words of turn {turn}.", '{"command": "make"}', f"output {turn}\n" * 3, files={"a.txt": b"one\n", "n.txt": b"%d\n" % turn}, ok=turn != 7)
    told.add(ViewEdited("clear", ("m1",), (), "no room"))
    told.end(old="failed")
    fork = tale(held, "t0003")
    fork.begin(parent=Parent(RUN, "t0002", 2, 31, "short"))
    fork.say(Role.USER, Origin.HARNESS, Text("Go on."))
    fork.end(new="failed")
    record(held, told, fork)
    write(held, folder / "page.html")
    write(held, folder / "beside.html", inside=0)
    return folder


def test_a_trial_and_a_turn_have_an_address(folder: Path, visitor: Visitor) -> None:
    """#t0002/turn-31 leads to that turn of that trial, and it stays in sight; of an unknown one there is the overview, and a word."""
    page = visitor.visit(folder / "page.html", "t0002/turn-31")
    expect(page.locator("#turn-31")).to_be_in_viewport()
    expect(page.locator("#turn-31")).to_contain_text("Words of turn 31.")
    expect(page.locator("#turn-40")).to_be_attached()
    expect(page.locator("#turn-31")).to_be_in_viewport()
    page.goto((folder / "page.html").as_uri() + "#t9999")
    expect(page.locator("#notice")).to_contain_text("no trial t9999")
    expect(page.locator("#trials")).to_be_visible()
    expect(page.locator("#trial")).to_be_hidden()
    page.goto("about:blank")
    page.goto((folder / "page.html").as_uri() + "#t9999/turn-1")
    expect(page.locator("#notice")).to_contain_text("no trial t9999")
    expect(page.locator("#list .row").nth(1)).to_be_visible()


def test_the_verdict_names_the_tests_that_decided_it(folder: Path, visitor: Visitor) -> None:
    """What did not pass stands open with its kind, what passed behind a click."""
    page = visitor.visit(folder / "page.html", "t0002")
    verdict = page.get_by_label("Verdict", exact=True)
    expect(verdict).to_contain_text("1 of 2 deciding tests did not pass")
    expect(verdict.locator(".tests").first).to_contain_text(CHECK.pass_to_pass[0])
    expect(verdict.locator(".tests").first).to_contain_text("PASS_TO_PASS")
    verdict.get_by_text("Tests that passed (1)").click()
    expect(verdict).to_contain_text(CHECK.fail_to_pass[0])


def test_a_turn_tells_what_was_said_called_and_changed(folder: Path, visitor: Visitor) -> None:
    """Words, call with its arguments, output behind its first line, and the difference with the lines that changed."""
    page = visitor.visit(folder / "page.html", "t0001/turn-2")
    turn = page.locator("#turn-2")
    expect(turn.locator(".item.text")).to_have_text("Now I mend it.")
    expect(turn.locator(".item.call")).to_contain_text("sed")
    output = turn.locator("details.output")
    expect(output.locator(".box")).to_have_count(0)
    output.locator("summary").click()
    expect(output.locator(".box")).to_have_text("done")
    expect(turn.locator(".change > summary")).to_contain_text("2 files +2 −1")
    assert turn.locator(".line.add").all_inner_texts() == ["+three", "+new"]
    assert turn.locator(".line.del").all_inner_texts() == ["-two"]
    expect(turn.locator("header")).to_contain_text("20 % of the window")


def test_what_is_cut_or_empty_is_seen_to_be(folder: Path, visitor: Visitor) -> None:
    """A preview ends between words with an ellipsis; an argument that holds nothing says so."""
    page = visitor.visit(folder / "page.html", "t0002/turn-1")
    expect(page.locator("#turn-0 .request .peek")).to_have_text("Mend what is wrong here, " * 4 + "Mend what …")
    expect(page.locator("#turn-1 .item.call dd")).to_have_text(["none: []", "empty", "true"])


def test_the_whole_difference_is_from_first_to_last(folder: Path, visitor: Visitor) -> None:
    """One difference over all turns: the last content, not the steps to it."""
    page = visitor.visit(folder / "page.html", "t0002")
    whole = page.get_by_label("Whole difference")
    whole.locator("summary").first.click()
    expect(whole.locator(".line.add")).to_have_text(["+40"])


def test_the_timeline_shows_lanes_and_the_windows_fill(folder: Path, visitor: Visitor) -> None:
    """A lane for each that spent time, a bar for each turn; a click on a bar leads to its turn."""
    page = visitor.visit(folder / "page.html", "t0001")
    expect(page.locator("svg.timeline")).to_have_count(2)
    lanes, fill = page.locator("svg.timeline").all()
    words = lanes.get_attribute("aria-label") or ""
    assert all(word in words for word in ("model", "tools", "harness", "grading"))
    assert fill.get_attribute("aria-label") == "Tokens of prompt and reply by turn, at most 22 % of 1,000"
    fill.locator("rect.fill").last.click()
    expect(page.locator("#turn-2")).to_be_in_viewport()
    assert page.url.endswith("#t0001/turn-2")


def test_earlier_tries_can_be_reached(folder: Path, visitor: Visitor) -> None:
    """The last try is shown, since it counts; the one before it is a click away, also from what goes on from it."""
    page = visitor.visit(folder / "page.html", "t0002")
    expect(page.locator("#turn-2")).to_be_attached()
    page.get_by_role("button", name="Try 1").click()
    expect(page.locator("#turn-1")).to_contain_text("I begin well.")
    expect(page.locator("#turn-end")).to_contain_text("the machine was switched off")
    expect(page.locator("#turn-2")).to_have_count(0)
    page.get_by_role("button", name="Try 2").click()
    expect(page.get_by_label("Timeline")).to_contain_text("Goes on from this trial, try 1, turn 1")
    page.get_by_role("button", name="this trial").click()
    expect(page.locator("#turn-1")).to_contain_text("I begin well.")


def test_a_fork_names_and_leads_to_its_parent(folder: Path, visitor: Visitor) -> None:
    """Run, trial, try, turn and view of where it went on from, as a link where that trial is on the page."""
    page = visitor.visit(folder / "page.html", "t0003")
    expect(page.get_by_label("Timeline")).to_contain_text(f"Goes on from {RUN} t0002, try 2, turn 31, under the view short")
    page.get_by_label("Timeline").get_by_role("link").click()
    expect(page.locator("#turn-31")).to_be_in_viewport()


def test_bodies_come_on_demand_and_whole(folder: Path, visitor: Visitor) -> None:
    """A request told by what differs from the one before it reads as it was sent."""
    page = visitor.visit(folder / "page.html", "t0002/turn-17")
    turn = page.locator("#turn-17")
    expect(turn.locator(".wire .box")).to_have_count(0)
    turn.locator(".wire summary").click()
    expect(turn.locator(".wire .box")).to_have_count(2)
    sent = turn.locator(".wire .box").first.inner_text()
    assert '"turn": 17' in sent
    assert f'"{"x" * 40 * 17}"' in sent


def test_outputs_open_and_close_together(folder: Path, visitor: Visitor) -> None:
    """One button, or the key o, opens every output of the trial."""
    page = visitor.visit(folder / "page.html", "t0001")
    expect(page.locator("#turn-end")).to_be_attached()
    page.keyboard.press("o")
    expect(page.locator("#turn-1 details.output .box")).to_be_visible()
    page.get_by_role("button", name="Close all outputs").click()
    expect(page.locator("#turn-1 details.output .box")).to_be_hidden()


def test_details_beside_the_page_are_read_from_there(folder: Path, visitor: Visitor) -> None:
    """From a file URL, by a script element, only when asked for; bodies too; a missing folder is said to be missing."""
    page = visitor.visit(folder / "beside.html")
    assert visitor.files == [(folder / "beside.html").as_uri()]
    page.goto((folder / "beside.html").as_uri() + "#t0001/turn-1")
    expect(page.locator("#turn-1 .item.text")).to_have_text("I look first.")
    page.locator("#turn-1 .wire summary").click()
    expect(page.locator("#turn-1 .wire .box").first).to_contain_text('"turn": 1')
    assert {url.rsplit("/", 1)[1] for url in visitor.files[1:]} == {"t0001.js", "t0001.wire.js"}


def test_a_page_without_its_folder_says_so(folder: Path, tmp_path: Path, visitor: Visitor) -> None:
    """The overview is whole; only the details are missing, in one sentence."""
    (tmp_path / "beside.html").write_bytes((folder / "beside.html").read_bytes())
    page = visitor.visit(tmp_path / "beside.html", "t0001")
    expect(page.locator(".busy")).to_have_text("Details not found: the folder beside.files has to lie beside this page.")
    visitor.faults.clear()  # the browser itself complains of the file that is not there
