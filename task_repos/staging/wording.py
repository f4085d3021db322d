"""Requests as a maintainer writes them: what is told, what is asked, by what numbers it is handed back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from task_repos.staging.chaining import AFTER
from task_repos.staging.draw import Draw
from task_repos.staging.ground import Ground
from task_repos.staging.work import Point, Work


def first(ground: Ground, draw: Draw, count: int) -> str:
    """What stands before the first request."""
    package = ground.graph.package
    more = draw.pick((
        f"There will be {count} requests in all, one after the other; you get the next when you hand one back with `finish`.",
        f"I will come with {count} requests, each after you have handed back the one before with `finish`.",
        f"This is the first of {count} requests. The next comes when this one is handed back with `finish`.",
    ))  # fmt: skip
    return (
        f"The repository in `/workspace` is `{package}`, which keeps {ground.graph.domain.trade}. `python3 -m pytest -q` runs its tests; "
        f"existing test files stay as they are. Only the standard library and pytest are there.\n\n{more if count > 1 else ''}"
    ).strip()


def told(draw: Draw, lines: Sequence[str], *, again: bool = False) -> str:
    """Items as a list under a sentence."""
    if not lines:
        return ""
    if again:
        head = draw.pick(("Once more, what holds for everything:", "As a reminder, these still hold:", "To say it again:"))
    else:
        head = draw.pick(("Please keep in mind, for now and for all that follows:", "This holds from now on, also for later requests:", "Remember the following; I won't repeat it:"))
    return head + "\n\n" + "\n".join(f"- {line}" for line in lines)


def echoed(draw: Draw, lines: Sequence[str]) -> str:
    """What was told before and still holds, in the same words; never a hint that it is about to change."""
    if not lines:
        return ""
    return draw.pick(("As I have told you:", "To repeat it:", "So that it is at hand, as told before:")) + "\n\n" + "\n".join(f"- {line}" for line in lines)


def asked(work: Work, number: int, places: Mapping[str, int]) -> str:
    """The opening and the numbered points. `places`: number of each stage by its key."""
    points = "\n".join(f"- **{number}.{place}** {_numbered(point, places)}" for place, point in enumerate(work.points, start=1))
    return f"{work.opening}\n\n{points}" if points else work.opening


def _numbered(point: Point, places: Mapping[str, int]) -> str:
    """The point's text with the number of the one that it builds on."""
    key, place = point.after[0] if point.after else ("", 0)
    return point.text.replace(AFTER, f"{places[key]}.{place + 1}" if key else "")


def closing(draw: Draw, work: Work) -> str:
    if not work.points:
        return ""
    return draw.pick((
        "Run the tests, then hand back with `finish`: list the numbers that are done, and those that are not with a reason.",
        "When the tests have run, hand back with `finish`, naming the numbers done and, with a reason each, those not done.",
        "Hand back with `finish` after a run of the tests; say by number what is done and what is not, and why.",
    ))  # fmt: skip


def joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def paper(path: str) -> str:
    """Where the first request sends the reader for what is told."""
    if path.endswith(".py"):
        return f"Before anything else run `python3 {path}`: what it prints holds for all that follows."
    return f"Before anything else read `{path}`: what it says holds for all that follows."
