"""The page of a comparison in a real browser: what a stranger reads first, figures as the answer has them, and links that lead to trials."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.answers import HOSTED, LOCAL, MEDIUM, RUN, SAME, SMALL, answer
from harness.answer.compare.comparison import Answer
from harness.answer.compare.figures import TaskPair
from harness.answer.pages.page import page as written
from harness.answer.pages.page_headline import minus
from harness.cli.record.page import write
from harness.report.page_format import bounds, pct
from tests.report.page.conftest import Visitor
from tests.report.page.stories import RUN as TOLD
from tests.report.page.stories import a_run, solved


@pytest.fixture(scope="module")
def told() -> Answer:
    """A local model that is worse, with some of its trials in doubt."""
    return answer((msgspec.structs.replace(LOCAL, skill=-0.3), HOSTED), tasks=50)


@pytest.fixture(scope="module")
def many() -> Answer:
    return answer((LOCAL, HOSTED, MEDIUM, SMALL, SAME), tasks=30)


def shown(folder: Path, answer: Answer, visitor: Visitor, *, width: int = 1280, links: dict[str, str] | None = None) -> Page:
    (folder / "compare.html").write_bytes(written(answer, links or {}))
    return visitor.visit(folder / "compare.html", width=width)


def share(page: Page, picture: Locator, place: float) -> float:
    """The difference that a pixel of the picture stands for, by its ticks."""
    ticks = {tick.text_content(): tick for tick in picture.locator("text[text-anchor=middle]:not(.estimate):not(.bandwords)").all()}
    low, high = (_middle(ticks[words]) for words in ("−10", "+10"))
    return (place - low) / (high - low) * 0.2 - 0.1


def _middle(mark: Locator) -> float:
    box = mark.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2


def test_a_stranger_reads_word_figure_and_doubt_first(told: Answer, tmp_path: Path, visitor: Visitor) -> None:
    """On a screen of 1280 x 900: the word between both names, the rest of the sentence, every doubt, the picture, both rates."""
    (one,) = told.comparisons
    assert one.word == "worse"
    assert one.doubts
    page = shown(tmp_path, told, visitor)
    headline, lead = page.locator("h1"), page.locator(".lead")
    assert " ".join(headline.inner_text().split()) == f"{one.a.who.model} is worse than {one.b.who.model}"
    assert f"{' '.join(headline.inner_text().split())}: {lead.inner_text()[0].lower()}{lead.inner_text()[1:]}" == one.sentence
    assert page.locator(".doubts li span").all_inner_texts() == list(one.doubts)
    for place in (headline, lead, page.locator(".doubts"), page.locator(".gapline"), page.locator(".two")):
        box = place.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900
    assert page.locator(".two .rate").all_inner_texts() == [f"{pct(side.rate)} 95 %: {bounds(side.interval)}" for side in (one.a, one.b)]


def test_the_picture_stands_where_the_figures_are(told: Answer, tmp_path: Path, visitor: Visitor) -> None:
    """Dot, interval and band, read off the picture's own ticks, are the answer's; the words at them, too."""
    (one,) = told.comparisons
    assert one.difference is not None
    page = shown(tmp_path, told, visitor)
    picture = page.locator(".gapline")
    assert share(page, picture, _middle(picture.locator(".dot"))) == pytest.approx(one.difference.estimate, abs=0.005)
    bar, band = picture.locator(".interval").bounding_box(), picture.locator(".band").bounding_box()
    assert bar is not None
    assert band is not None
    for box, low, high in ((bar, one.difference.low, one.difference.high), (band, -told.margin, told.margin)):
        assert share(page, picture, box["x"]) == pytest.approx(low, abs=0.005)
        assert share(page, picture, box["x"] + box["width"]) == pytest.approx(high, abs=0.005)
    expect(picture.locator(".estimate")).to_have_text(minus(one.difference.estimate))
    assert picture.locator(".bound").all_text_contents() == [minus(one.difference.low), minus(one.difference.high)]


def test_every_section_has_the_answers_figures(told: Answer, tmp_path: Path, visitor: Visitor) -> None:
    """Counts, cases, tasks only one solves, reasons, what it took; a local model's price is unknown and said to be."""
    (one,) = told.comparisons
    page = shown(tmp_path, told, visitor)
    counts = page.locator("#models tbody tr").nth(0).locator("td").all_inner_texts()[4:10]
    assert [int(figure) for figure in counts] == list(msgspec.structs.astuple(one.a.counts))
    rows = page.get_by_label("Cases,").locator("tbody tr").all_inner_texts()
    assert one.difference is not None
    cases = (("as judged", one.difference), *((case.name, case.difference) for case in one.cases))
    assert [row.split("\t")[:2] for row in rows] == [[name, minus(found.estimate)] for name, found in cases]
    only = page.locator("[aria-label*='asks '] tbody th")
    page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
    apart = [pair.task for pair in sorted((pair for pair in one.tasks if pair.difference), key=lambda pair: pair.difference)]
    assert only.all_inner_texts() == [*(pair.task for pair in (*one.only_a, *one.only_b)), *apart]
    lines = [line.split("\t") for line in page.get_by_label("Reasons,").locator("tbody tr").all_inner_texts()]
    assert [(line[0].replace(" ", "_"), int(line[1]), int(line[3])) for line in lines] == list(one.reasons)
    expect(page.locator("#measures tr", has_text="Cost per pass")).to_contain_text("–")
    expect(page.locator("#trades")).to_contain_text(f"No price is known of {LOCAL.model}.")
    expect(page.locator("#trades")).to_contain_text(f"{LOCAL.model} takes longer and passes fewer, beside {HOSTED.model}")


def test_a_sign_leads_to_its_trial_in_the_runs_page(told: Answer, tmp_path: Path, visitor: Visitor) -> None:
    """From a task that one side alone solves to that trial in its run's page, also where the path has spaces; without one there is its name."""
    held = a_run(tmp_path / "run")
    solved(held)
    (tmp_path / "runs x").mkdir()
    write(held, tmp_path / "runs x" / "report #1.html")
    (one,) = told.comparisons
    mark = msgspec.structs.replace(one.only_b[0].b_trials[0], run=TOLD, trial="t0001")
    pair: TaskPair = msgspec.structs.replace(one.only_b[0], b_trials=(mark, *one.only_b[0].b_trials[1:]))
    answer = msgspec.structs.replace(told, comparisons=(msgspec.structs.replace(one, only_b=(pair,)),))
    page = shown(tmp_path, answer, visitor, links={TOLD: "runs x/report #1.html"})
    expect(page.locator("span.mark", has_text="t0").first).to_be_visible()
    page.locator("a.mark", has_text="t0001").click()
    expect(page.locator("#turn-1 .item.text")).to_have_text("I look first.")


def test_many_models_have_ranks_and_pairs(many: Answer, tmp_path: Path, visitor: Visitor) -> None:
    """Places with ties, every pair with its word and the p that Holm gives, and a section for each pair with its doubts."""
    page = shown(tmp_path, many, visitor)
    places = [row.split("\t")[0].split() for row in page.locator("#ranks tbody tr").all_inner_texts()]
    assert places == [[str(rank.rank), *(["to", str(rank.to)] if rank.to > rank.rank else [])] for rank in many.ranks]
    expect(page.locator(".headline")).to_contain_text("p adjusted by Holm over all pairs")
    words = page.locator(".pairtable .said").all_inner_texts()
    assert [word.strip() for word in words] == [one.word or "no word" for one in many.comparisons]
    expect(page.locator("section[id^=pair-]")).to_have_count(10)
    assert [section.locator(".doubts li span").all_inner_texts() for section in page.locator("section[id^=pair-]").all()] == [
        [doubt for doubt in one.doubts if doubt not in one.sentence] for one in many.comparisons
    ]


def test_no_word_is_no_word(tmp_path: Path, visitor: Visitor) -> None:
    """Six tasks give figures and the reason, by the fixed as by the sequential method; an accepted mismatch is told where the conditions are."""
    for sequential in (False, True):
        told = answer((LOCAL, HOSTED), tasks=6, sequential=sequential)
        (one,) = told.comparisons
        accepted = msgspec.structs.replace(told, comparisons=(msgspec.structs.replace(one, accepted=("limits: turns 100 against turns 50",)),))
        page = shown(tmp_path, accepted, visitor)
        expect(page.locator("h1")).to_contain_text(f"No word on {LOCAL.model} against {HOSTED.model}")
        expect(page.locator(".lead")).to_contain_text("6 common tasks are too few")
        expect(page.locator("#conditions")).to_contain_text("accepted: limits: turns 100 against turns 50")
        expect(page.locator(".gap")).to_contain_text("holds at every look" if sequential else "sign-flip test")


def test_two_regimes_are_two_headings(tmp_path: Path, visitor: Visitor) -> None:
    """At an equal and at native windows: a table each, named, and no side is mistaken for its like in the other run."""
    one = answer((LOCAL, HOSTED), tasks=12)
    other = answer((msgspec.structs.replace(LOCAL, window=65_536), msgspec.structs.replace(HOSTED, window=200_000)), tasks=12)
    moved = tuple(msgspec.structs.replace(each, a=_of(each.a, "20260103-2"), b=_of(each.b, "20260103-2")) for each in other.comparisons)
    page = shown(tmp_path, msgspec.structs.replace(one, comparisons=(*one.comparisons, *moved)), visitor)
    heads = (f"{one.comparisons[0].regime} run {RUN}", f"{moved[0].regime} run 20260103-2")
    assert page.locator(".pairs h2").all_inner_texts() == [head.capitalize() for head in heads]
    sides = [f"{model}@{run}" for run in (RUN, "20260103-2") for model in (LOCAL.model, HOSTED.model)]
    assert page.locator("#models tbody th").all_inner_texts() == [f"{letter} {side}" for letter, side in zip("ABCD", sides, strict=True)]


def _of(side: object, run: str) -> object:
    return msgspec.structs.replace(side, runs=(run,), called=(run,))  # type: ignore[type-var]


@pytest.mark.parametrize("several", [False, True])
def test_a_narrow_screen_is_not_scrolled_sideways(told: Answer, many: Answer, tmp_path: Path, visitor: Visitor, several: bool) -> None:
    """At 400 pixels every table and picture is inside, or scrolls by itself."""
    page = shown(tmp_path, many if several else told, visitor, width=400)
    page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == 400


def test_light_and_dark_can_be_chosen(told: Answer, tmp_path: Path, visitor: Visitor) -> None:
    """The button turns to what is not shown, the page of a run takes it over, and print is light without it."""
    page = shown(tmp_path, told, visitor)
    page.locator("#theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("#theme")).to_have_text("Theme: dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator(".top")).to_be_hidden()
