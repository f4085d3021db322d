"""Page, text and JSON say the same figures; nothing is drawn under its floor; no name can break a drawing."""

from __future__ import annotations

import io
import json
import re
from functools import cache
from xml.etree import ElementTree as ET

from msgspec import structs
from rich.console import Console

from harness.cli.context.context_text import show, show_findings
from harness.cli.context.course_text import show as show_course
from harness.metrics.context.account import Account
from harness.report.context import plot_curves
from harness.report.context.given import PLANTED, Probed, Score, Trust
from harness.report.context.lane import lane
from harness.report.context.loss import Beside, Loss, loss
from harness.report.context.loss_document import document
from harness.report.context.plot_lane import lane_svg
from harness.report.context.section import NOTHING
from tests.report.context.populations import GOOD, a_chance, a_cut, a_finding, a_population, a_rule, an_account, pulses
from tests.report.context.shown import flat, page, plots, text
from tests.report.runs import HOSTILE

SCORE = Score("C1", 1, 0.995, 0.981, 0.99, 0.972, 200, 1000, good=True)


@cache
def a_loss(tasks: int = 12, **more: object) -> Loss:
    return loss("20260101-000000-aaaa", a_population(tasks, 3, half=12_000.0, **more), Trust(GOOD, PLANTED, (SCORE,)))


def test_page_text_and_json_say_the_same() -> None:
    """D50, the mean time kept, the rate of losses and the slope stand in all three."""
    told = a_loss()
    written, shown, given = flat(text(told)), page(told), json.loads(document(told))
    (group,) = told.groups
    figures = given["groups"][0]["figures"]
    half = figures["recalled"][0]["told"]["half"]["distance"]
    words = f"D50 {half / 1000:.0f}k" if half >= 10_000 else f"D50 {half / 1000:.1f}k"
    mean = figures["kept"][0]["mean"]
    kept = f"kept for {mean['value']:.1f} ({mean['low']:.1f} to {mean['high']:.1f}) turns on average"
    rate = given["groups"][0]["losses"]["rate"]["rate"]
    lost = f"{100 * rate['value']:.1f} ({100 * rate['low']:.1f} to {100 * rate['high']:.1f})"
    for sentence in (words, kept, lost, f"{group.losses.roots} losses", f"{figures['malformed']['bad']} of {figures['malformed']['calls']:,} calls malformed"):
        assert sentence in written
        assert sentence in shown
    for plot in plots(told):
        assert not plot.svg or flat(plot.said) in written, plot.number


def test_every_plot_prints_what_it_rests_on() -> None:
    """n, what was censored, the share of A and the version of the detectors with their standing; a drawing has a text alternative."""
    for plot in plots(a_loss()):
        assert plot.foot.startswith("n = ")
        assert "abcdef012345" in plot.foot
        assert PLANTED in plot.foot
        assert re.search(r"A \d+ of|no window is cut", plot.foot)
        if plot.svg:
            assert ET.fromstring(plot.svg).get("aria-label")
            assert plot.said


def test_knowing_and_windows_are_drawn_with_what_they_rest_on() -> None:
    """Plots 5 and 6, which take a probe's questions and a second window: n, what is left out, the share of A, and the detectors beneath each."""
    large = a_population(12, 1)
    small = [structs.replace(each, trial=f"t1{each.trial[1:]}", pulses=pulses(window=16_384)) for each in a_population(12, 1, half=5_000.0)]
    (model, agent), cells = (large[0].model, large[0].agent), {"kept": 20, "knows_but_does_not_act": 8, "acts_without_knowing": 3, "lost": 9}
    asked = Probed("probe", model, agent, 40, 12, None, None, "", {}, knows=cells, absent=(31, 40, 4, 5))
    beside = Beside((asked,), {each.trial: each.trial.startswith("t0") for each in (*small, *large)})
    told = loss("r", (*small, *large), Trust(GOOD, PLANTED, (SCORE,)), beside)
    shown = {plot.number: plot for plot in plots(told) if plot.number in (5, 6)}
    for plot, words in ((shown[5], "knows and does 20"), (shown[5], "nobody stated it abstained 31, named one 4, gave no readable answer 5, of 40"), (shown[6], "at 16k: 0 of 12 passed")):
        assert ET.fromstring(plot.svg).get("aria-label")
        assert words in plot.said
        assert plot.foot.startswith("n = ")
        assert re.search(r"\bA \d+ of", plot.foot)
        assert PLANTED in plot.foot


def test_nothing_is_drawn_under_its_floor() -> None:
    """A sentence stands in its place, which says what is needed."""
    enough, few = plots(a_loss()), plots(a_loss(tasks=9))
    assert {plot.number for plot in enough if plot.svg} == {1, 2, 3, 4, 7, 13, 14}
    assert {plot.number for plot in few if plot.svg} == {14}
    assert all(plot.why.startswith("Not drawn: ") for plot in few if not plot.svg)
    assert "no curve of retention (9 tasks, 10 needed)" in flat(text(a_loss(tasks=9)))
    assert "no curve of" not in flat(text(a_loss()))
    assert not [plot for plot in plots(structs.replace(a_loss(tasks=9), scores=())) if plot.svg]


def test_a_run_with_nothing_to_say_has_one_line() -> None:
    """And no drawing."""
    assert NOTHING in page(None)
    assert 'class="ctx' not in page(None)


def hostile() -> Account:
    chances = (a_chance(4, item=HOSTILE), a_chance(8, honoured=False, item=HOSTILE))
    found = (a_finding("C1", 8, item=HOSTILE, detail=HOSTILE), a_finding("G3", 9, item=HOSTILE, detail=HOSTILE))
    return structs.replace(an_account(1, HOSTILE, items=(a_rule(HOSTILE, text=HOSTILE),), chances=chances, findings=found, cuts=(a_cut(),)), model=HOSTILE, stop=HOSTILE)


def test_hostile_names_break_neither_drawing_nor_page_nor_terminal() -> None:
    """They are written out everywhere."""
    told, trial = loss("r", (hostile(),), Trust(GOOD)), lane(hostile())
    drawn = lane_svg(trial)
    assert ET.fromstring(drawn).tag == "svg"
    for words in (drawn, page(told)):
        assert "<img" not in words
        assert "\x1b" not in words
    out = io.StringIO()
    console = Console(file=out, width=80, color_system=None)
    show_course(trial, "r", console)
    show_findings(told, [(hostile(), each) for each in hostile().findings], "C", console, every=True)
    show(told, console, every=True)
    assert "\x1b" not in out.getvalue()
    assert "\u202e" not in out.getvalue()


def test_every_mark_of_the_lanes_leads_to_its_turn() -> None:
    """A finding, an exposure, an opportunity and a cut are links, and say in words what they are."""
    account = an_account(3, "a", chances=(a_chance(4), a_chance(8, honoured=False)), findings=(a_finding("C1", 8, distance=7000),), cuts=(a_cut(5),))
    links = {link.get("aria-label"): link.get("href") for link in ET.fromstring(lane_svg(lane(account))).iter("a")}
    assert links["turn 5: A1: 900 tokens, 3 items lost"] == "#t0003/turn-5"
    assert links["turn 8: suffix violated (pkg/a.py:f), 1,000 tokens and 7 turns back"] == "#t0003/turn-8"
    assert links["C1 at turn 8, suffix: kept 2 times, then not (in view, 7,000 tokens back; candidate; entries 80)"] == "#t0003/turn-8"
    assert links["turn 1: suffix shown"] == "#t0003/turn-1"


def test_what_was_put_right_late_is_said_everywhere() -> None:
    """A violation that was undone after its grace stays one; page, terminal and JSON have the turn that undid it."""
    late = structs.replace(a_chance(8, honoured=False), mended=15)
    account = an_account(3, "a", chances=(late, structs.replace(a_chance(20), repaired=21), a_chance(30, honoured=False)), findings=())
    out = io.StringIO()
    show_course(lane(account), "r", Console(file=out, width=200, color_system=None))
    labels = " ".join(str(link.get("aria-label")) for link in ET.fromstring(lane_svg(lane(account))).iter("a"))
    for words in (flat(out.getvalue()), labels):
        assert words.count("violated, put right late, at turn 15") == 1
        assert words.count("slipped, put right at turn 21") == 1
    (told,) = json.loads(document(loss("r", [account], Trust(GOOD)), [account]))["accounts"]
    assert [chance[-2] for chance in told["chances"]] == [15, None, None]
    assert lane(account).tracks[0].words[7] == "lost"


def test_a_sight_of_an_earlier_turn_says_so() -> None:
    """What showed at a request's end is told with the distance of the turn at which the work on it began, named in text and page."""
    early = structs.replace(a_chance(8, honoured=False, distance=1301), begun=5)
    account = an_account(3, "a", chances=(early, a_chance(12)), findings=(a_finding("D1", 8, 5, distance=1301),))
    out = io.StringIO()
    show_course(lane(account), "r", Console(file=out, width=200, color_system=None))
    rows = [line.split() for line in out.getvalue().splitlines() if " 1,301 " in line]
    assert [row[row.index("1,301") + 1 :][:1] for row in rows] == [["5"], ["7"]]
    assert "as of turn: it began there" in out.getvalue()
    labels = [str(link.get("aria-label")) for link in ET.fromstring(lane_svg(lane(account))).iter("a")]
    assert sum(label.count("as of turn 5") for label in labels) == 2


def test_findings_of_a_kind_stand_without_the_figures() -> None:
    """What was asked for and what it must be read with; where several models stand in it each has its name, and the JSON has the same findings."""
    accounts = (*a_population(2, 1, half=12_000.0), *a_population(2, 1, half=12_000.0, model="ollama/other"))
    told = loss("r", accounts, Trust(GOOD))
    found = [(account, each) for account in accounts for each in account.findings if each.kind == "C1"]
    out = io.StringIO()
    show_findings(told, found, "C1", Console(file=out, width=200, color_system=None), every=True)
    lines = out.getvalue().splitlines()
    assert lines[0] == f"context of r: {len(found)} findings of C1"
    assert lines[1].startswith("note: detectors:")
    assert sum("coder x ollama/other" in line for line in lines) == sum(account.model == "ollama/other" for account, _ in found) > 0
    assert "context lost" not in out.getvalue()
    listed = json.loads(document(told, (), found))["findings"]
    assert [(each["trial"], each["turn"]) for each in listed] == [(account.trial, each.turn) for account, each in found]


def test_the_terminals_lanes_have_a_column_for_each_turn_that_fits() -> None:
    """Violated beats honoured beats shown, and more turns than columns are taken together."""
    account = an_account(3, "a", chances=(a_chance(4), a_chance(8, honoured=False)), findings=(a_finding("C1", 8),))
    for width, step in ((200, 1), (40, 2)):
        out = io.StringIO()
        show_course(lane(account), "r", Console(file=out, width=width, force_terminal=True, color_system=None))
        row = next(line for line in out.getvalue().splitlines() if line.startswith("suffix"))
        assert row[len(row.split()[0]) :].strip()[(8 - 1) // step] == "✗"
        assert all(len(line) <= width for line in out.getvalue().splitlines()[:6])


def test_both_widths_hold_every_line() -> None:
    """At 80 columns a table becomes records; nothing is cut off."""
    told = a_loss()
    assert max(map(len, text(told, 80).splitlines())) <= 80
    assert flat(text(told, 200)).count("C1") >= 1


def test_a_shape_is_named_only_where_it_is_settled() -> None:
    """Else those that the data leave open stand in text, page and JSON with their votes, and the line says what it is merely drawn as."""
    told = a_loss()
    group = told.groups[0]
    every = next(each for each in group.figures.recalled if each.name == "all")
    assert every.told
    votes = (("flat", 0.02), ("linear", 0.0), ("exponential", 0.42), ("logistic", 0.56), ("threshold", 0.0), ("plateau", 0.0))
    open_, clear = (structs.replace(every, told=structs.replace(every.told, shape="logistic", settled=settled, votes=votes)) for settled in (False, True))
    assert "shape not settled (logistic 56 %, exponential 42 % of resamples)" in plot_curves.retained(open_)
    assert "shape logistic" not in plot_curves.retained(open_)
    assert "drawn as logistic" in dict(plot_curves.recalled(told, group, open_).legend)["k-line"]
    assert "; shape logistic;" in plot_curves.retained(clear)
    assert dict(plot_curves.recalled(told, group, clear).legend)["k-line"].endswith("(logistic)")
    body = json.loads(document(told))["groups"][0]["figures"]["recalled"][0]["told"]
    assert body["settled"] == every.told.settled
    assert round(sum(share for _, share in body["votes"]), 9) == 1.0


def test_a_rising_or_falling_hazard_is_told_over_turns() -> None:
    """The shape of the Weibull with its interval, beside the curve over turns and on no other clock."""
    kept = {each.clock: each for each in a_loss().groups[0].figures.kept}
    assert kept["turns"].weibull
    assert f"Weibull shape {kept['turns'].weibull.shape.value:.2f} (" in plot_curves.said(kept["turns"])
    assert [clock for clock, each in kept.items() if each.weibull] == ["turns"]


def test_guesses_that_nobody_measured_are_no_measured_nought() -> None:
    """It is said that they are taken as none, and no line is drawn for them; measured ones have both."""
    told = a_loss()
    (plain, *_) = told.groups[0].figures.recalled  # type: ignore[union-attr]
    assert (plain.guess, plain.guess_from) == (None, None)
    assert "guesses not measured, taken as none" in plot_curves.retained(plain)
    marks = dict(plot_curves.recalled(told, told.groups[0], plain).legend)
    assert "k-guess" not in marks
    assert marks["k-line"].startswith("kept, guesses taken as none (")
    measured = structs.replace(plain, guess=0.2, guess_from="manifest", unmeasured=0)
    assert "; guessed 20 % (manifest; the intervals take it as exact);" in plot_curves.retained(measured)
    marks = dict(plot_curves.recalled(told, told.groups[0], measured).legend)
    assert "k-guess" in marks
    assert marks["k-line"].startswith("kept, corrected for guesses (")


def test_when_items_are_lost_is_told_by_stretches_of_turns() -> None:
    """Whole stretches alone, of those still watched, in text and JSON alike; none where too few are left."""
    told = a_loss()
    kept = {each.clock: each for each in told.groups[0].figures.kept}  # type: ignore[union-attr]
    found = kept["turns"].hazard
    assert [(each.start, each.end) for each in found] == [(10.0 * at, 10.0 * at + 10) for at in range(len(found))]
    assert found
    assert 0 < sum(each.drifts for each in found) <= kept["turns"].curve.drifts  # type: ignore[union-attr]
    assert [clock for clock, each in kept.items() if each.hazard] == ["turns"]
    first = found[0].rate
    assert first
    words = f"in turns 1 to 10: {100 * first.value:.1f} ({100 * first.low:.1f} to {100 * first.high:.1f})"
    assert words in flat(text(told))
    body = json.loads(document(told))["groups"][0]["figures"]["kept"][0]["hazard"]
    assert [each["drifts"] for each in body] == [each.drifts for each in found]
    assert a_loss(9).groups[0].figures.kept[0].hazard == ()  # type: ignore[union-attr]
    short = [structs.replace(each, pulses=pulses(37), chances=each.chances[:9]) for each in a_population(12, 3)]
    assert [each.end for each in loss("r", short, Trust(GOOD)).groups[0].figures.kept[0].hazard] == [10.0, 20.0, 30.0]  # type: ignore[union-attr]
