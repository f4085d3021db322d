"""The answer as one sentence that is read in ten seconds: the word, the figure, the doubt."""

from __future__ import annotations

import msgspec

from harness.answer.compare.comparison import Word
from harness.answer.compare.measured import Measured
from harness.answer.compare.word import SHOWN
from harness.metrics.statistics.foresight import alike
from harness.report.summary import counted, percent

PROVEN = "That there is a smaller difference is proven all the same"


class Said(msgspec.Struct, frozen=True):
    """What the sentence is made of. `names`, `rates`: of A and of B; `why`: no word is said; `several`: it is one comparison of many."""

    word: Word
    names: tuple[str, str]
    rates: tuple[float | None, float | None]
    margin: float
    found: Measured
    further: int | None
    why: str
    several: bool = False


def sentence(said: Said) -> str:
    """Rates are means over tasks; differences in points of a hundred."""
    if not said.found.tasks:
        return f"No word on {said.names[0]} against {said.names[1]}: {said.why}."
    a, b = said.names
    match said.word:
        case "equal":
            return f"{a} is equal to {b} within {_counted(said.margin)}: {_figures(said)} ({_doubt(said)}).{_small(said)}"
        case "better" | "worse":
            return f"{a} is {said.word} than {b}: {_figures(said)} ({_doubt(said)})."
        case "undecided":
            return f"Undecided between {a} and {b}: {_figures(said)} ({_doubt(said)}); {_more(said)}."
        case _:
            return f"No word on {a} against {b}: {said.why}. {a} {_figures(said)} ({_doubt(said)})."


def _figures(said: Said) -> str:
    """For the first side as the subject."""
    found = said.found.told
    subject = said.names[0] if said.word == "undecided" else "" if said.word == "" else "it"
    what = "of the first attempts at " if said.found.look else "of "
    size = abs(found.estimate)
    than = "as many" if size < 1e-9 else f"{_counted(size)} {'more' if found.estimate > 0 else 'fewer'}"
    rates = _against(said.rates, found.estimate)
    return f"{subject} solves {rates} {what}{counted(found.tasks, 'task')}, {than}".strip()


def _against(rates: tuple[float | None, float | None], difference: float) -> str:
    """In whole percents where these differ by the points that are told, so that nobody finds a sum that does not add up."""
    whole = [round(100 * (rate or 0.0)) for rate in rates]
    digits = 0 if abs(whole[0] - whole[1]) == round(100 * abs(difference)) else 1
    return f"{percent(rates[0], digits)} against {percent(rates[1], digits)}"


def _counted(share: float) -> str:
    size = points(share)
    return f"{size} point{'' if size == '1' else 's'}"


def _doubt(said: Said) -> str:
    found = said.found
    bounds = span(found.told.low, found.told.high)
    if found.look:
        return f"95 % bounds that hold at every look: {bounds}"
    if said.word == "equal" and found.equivalence:
        return f"95 % interval {bounds}; a difference of {points(said.margin)} or more is ruled out, {chance(found.equivalence.p)}"
    return f"95 % interval {bounds}, {chance(found.p)}"


def _small(said: Said) -> str:
    """A difference may be proven and yet be smaller than what matters."""
    look = said.found.look
    if look:
        return f" {PROVEN}." if look.low > 0 or look.high < 0 else ""
    return f" {PROVEN} ({chance(said.found.p)})." if said.found.p < SHOWN else ""


def _more(said: Said) -> str:
    if said.found.look:
        return "look again after tasks that are new, repeating these adds nothing"
    if said.several and said.found.difference and said.found.difference.p < SHOWN:
        return "asked alone, the pair would be decided"
    if said.further is None:
        return "how many more tasks would decide is not known"
    alone = ", were it the only pair" if said.several else ""
    if alike(said.found.observations):
        return f"{counted(said.further, 'further task')} would decide if {'it goes' if said.further == 1 else 'they all go'} as these went{alone}"
    return f"about {counted(said.further, 'further task')} would decide{alone}"


def points(share: float) -> str:
    """A size as people read it: whole points, with a decimal below one."""
    size = 100 * abs(share)
    return f"{size:.0f}" if size >= 0.95 or size == 0 else f"{size:.1f}" if size >= 0.05 else "less than 0.1"


def span(low: float, high: float) -> str:
    """Two bounds with their signs; one that is nearly 0 keeps the side it is on."""
    return f"{signed(low)} to {signed(high)}"


def signed(share: float) -> str:
    """In points: -12, 0, +4, +0.3."""
    number = 100 * share
    if number == 0:
        return "0"
    if abs(number) < 0.05:
        return f"just {'above' if number > 0 else 'below'} 0"
    return f"{number:+.1f}" if abs(number) < 0.95 else f"{number:+.0f}"


def chance(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
