"""The page of a comparison: one HTML file that asks nothing of any network; pure but for reading its own templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.answer.compare.comparison import Answer
from harness.answer.compare.figures import TrialMark
from harness.answer.pages.page_headline import minus
from harness.answer.pages.page_question import Asked, addressed, asked
from harness.core.trial import Outcome
from harness.report.page_columns import COLUMNS
from harness.report.page_format import FILTERS
from harness.report.page_frame import ours, policy, program, read, templates

ROOM = "harness.answer.pages"
FEW = 12
"""Tasks that only one side solves which are shown unasked."""
SCRIPTS = ("theme.js",)
FILTERS_OF_ANSWERS: dict[str, Callable[..., object]] = {**FILTERS, **COLUMNS, "points": minus}
FIXED = (
    "equal: two one-sided tests at 5 % each hold the difference within the margin; else better or worse where the sign-flip"
    " test over tasks gives p < 0.05; else undecided. No word above 5 % broken trials, below 10 common tasks, or where best and worst case disagree."
)
LOOKED = (
    "From a confidence sequence that holds at every look: equal where it lies within the margin, better or worse where it leaves"
    " out 0, else undecided."
    " No word above 5 % broken trials, below 10 common tasks, or where best and worst case disagree."
)


def page(answer: Answer, links: Mapping[str, str]) -> bytes:
    """UTF-8. `links`: run -> path of its page, relative to where this one will lie; a trial is `#t0042` in it.

    Raises ValueError for an answer without a comparison.
    """
    told = asked(answer)
    style, script = styles(), program(SCRIPTS)
    made = templates({**FILTERS_OF_ANSWERS, "addressed": _addresses(links)}, ROOM)
    made.globals["outcomes"] = tuple(outcome.value for outcome in Outcome)
    runs = dict.fromkeys(run for model in told.models for run in model.told.runs)
    text = made.get_template("compare.html.j2").render(
        q=told, answer=answer, title=_title(told), margin=answer.margin, few=FEW, runs=len(runs),
        policy=policy((script,), style, siblings=False), style=ours(style), script=ours(script), pages=[(run, addressed(links, run)) for run in runs],
        holm=any(pair.told.p_holm is not None for pair in told.pairs), method=LOOKED if answer.sequential else FIXED,
    )  # fmt: skip
    return text.encode("utf-8", "backslashreplace")


def styles() -> str:
    """The look of every page, then what answers alone have, then print."""
    return "\n".join((read(("look.css",)), read(("answer.css",), ROOM), read(("page_print.css",))))


def _title(told: Asked) -> str:
    if len(told.pairs) > 1:
        return f"{len(told.models)} models compared"
    pair = told.pairs[0]
    return f"{pair.a.name} against {pair.b.name}"


def _addresses(links: Mapping[str, str]) -> Callable[[TrialMark], str]:
    return lambda mark: addressed(links, mark.run, mark.trial)
