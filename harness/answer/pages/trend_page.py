"""The page of nights in a row: one HTML file that asks nothing of any network; pure but for reading its own templates."""

from __future__ import annotations

from collections.abc import Mapping

from harness.answer.night.nights import Trend
from harness.answer.pages.page import FILTERS_OF_ANSWERS, ROOM, SCRIPTS, styles
from harness.answer.pages.page_courses import courses, day, side
from harness.answer.pages.page_question import addressed
from harness.core.trial import Outcome
from harness.report.page_frame import ours, policy, program, templates


def page(trend: Trend, links: Mapping[str, str]) -> bytes:
    """UTF-8. `links`: run -> path of its page, relative to where this one will lie. A trend without a night is a page that says so."""
    style, script = styles(), program(SCRIPTS)
    made = templates({**FILTERS_OF_ANSWERS, "day": day, "side": side, "addressed": lambda run: addressed(links, run)}, ROOM)
    made.globals["outcomes"] = tuple(outcome.value for outcome in Outcome)
    text = made.get_template("trend.html.j2").render(
        t=trend, courses=courses(trend), policy=policy((script,), style, siblings=False), style=ours(style), script=ours(script),
    )  # fmt: skip
    return text.encode("utf-8", "backslashreplace")
