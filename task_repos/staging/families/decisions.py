"""What a maintainer decides in T5, in versions: where each is told, what it overturns, and in which words."""

from __future__ import annotations

from typing import Final

import msgspec

from harness.core.errors import PlanError
from harness.core.memory import Item
from harness.core.predicates import Occasion, Predicate
from task_repos.staging.draw import Draw
from task_repos.staging.lexicon import nonce
from task_repos.staging.work import Telling

NOTES: Final = "notes/"
ENDED: Final = "discontinued"
"""What is said of notes once there are to be none: a word that can be asked for."""
TOPICS: Final = ("ids", "voids", "notes")
ASKED_FROM: Final = 5
"""Stages from which one of them asks what was changed so far; fewer leave too little to remember."""


class Script(msgspec.Struct, frozen=True):
    """By index of the stage: `turns`: (topic, stage) of what is overturned there; `question`: the stage that asks for the files changed so far."""

    turns: tuple[tuple[str, int], ...]
    question: int | None


class Version(msgspec.Struct, frozen=True):
    """A decision as it holds from `stage` on. `value`: the sign, the word, or where notes go ("" where there are to be none)."""

    topic: str
    number: int
    stage: int
    value: str
    before: Version | None
    text: str

    @property
    def id(self) -> str:
        return self.topic if self.number == 1 else f"{self.topic}_{self.number}"


def script(stages: int, marks: int, turned: int, echoes: int = 0) -> Script:
    """`marks`: stages at the end that ask for release marks; `turned`: the dial `supersession`; `echoes`: requests that must have room between
    the first version and the next. Raises PlanError where the stages are too few for it.
    """
    question = stages - 1 - marks if stages >= ASKED_FROM else None
    first, second = max(1, stages // 4), max(1, 5 * stages // 12)
    wanted = [("ids", first), ("notes", max(1, stages // 3)), ("ids", max(first + 1, stages // 2)), ("voids", second), ("voids", max(second + 1, 3 * stages // 4))]
    found: list[tuple[str, int]] = []
    for topic, place in wanted[: 2 + turned]:
        after = max((stage + 1 for other, stage in found if other == topic), default=1)
        spot = max(place, after + (0 if any(other == topic for other, _ in found) else echoes))
        found.append((topic, spot + (spot == question)))
    if max(stage for _, stage in found) >= stages:
        if echoes:
            raise PlanError("", "echoes", f"{echoes} with {stages} stages in T5", "fewer, or more stages: each is a request before the one that overturns")
        raise PlanError("", "supersession", f"{turned} with {stages} stages", "fewer, or more stages: each change of mind is a stage's")
    return Script(tuple(found), question)


def versions(draw: Draw, plan: Script) -> dict[str, list[Version]]:
    """By topic in order of time. The third is the first again."""
    made: dict[str, list[Version]] = {}
    for topic in TOPICS:
        own = draw.child(topic)
        values = [NOTES, ""] if topic == "notes" else [nonce(own) + ("/" if topic == "ids" else "") for _ in range(2)]
        made[topic] = [Version(topic, 1, 0, values[0], None, own.pick(_told(topic, values[0])))]
        for number, stage in enumerate((stage for other, stage in plan.turns if other == topic), start=2):
            value = values[(number - 1) % 2]
            made[topic].append(Version(topic, number, stage, value, made[topic][-1], own.pick(wordings(topic, number, value))))
    return made


def holding(line: list[Version], stage: int) -> Version:
    """The one that holds in the stage of this index."""
    return [each for each in line if each.stage <= stage][-1]


def telling(version: Version, checks: tuple[tuple[Predicate, Occasion | None], ...]) -> Telling:
    """The item with its constraints, one for each stage in which it holds."""
    former = (version.before.value,) if version.before else ()
    item = Item(
        version.id, "decision", version.text, _prints(version), manner="rehearsed" if version.value not in ("", NOTES) else "procedure" if version.value else "prohibition",
        supersedes=version.before.id if version.before else "", value=version.value or ENDED, former=former,
    )  # fmt: skip
    return Telling(item, version.text, checks)


def _prints(version: Version) -> tuple[str, ...]:
    """Words that no other version's text has: one that comes back is known by being said again, and by how code says it."""
    if version.topic == "notes":
        return ("Notes have turned out", "No more notes") if version.before else (NOTES,)
    if version.number == 3:
        return f"`{version.value}` again", f're:_{"SIGN" if version.topic == "ids" else "VOID"} = "{version.value}"'
    return (version.value,)


def _told(topic: str, value: str) -> tuple[str, ...]:
    if topic == "ids":
        return f"About ids we have agreed that they begin with `{value}`.", f"Agreed for ids: whatever is shown as an id begins with `{value}`."
    if topic == "voids":
        return f"Where there is nothing to show, our word for nothing is `{value}`.", f"Our word for nothing, shown where a text is empty, is `{value}`."
    return (
        f"Every function that you add gets a note, `{value}WORDS.md`, WORDS being the words of its name in order with `_` between them: one line on what it is for.",
        f"What a function that you add is for stands in a note of one line, `{value}WORDS.md`; WORDS are the words of its name in order, joined by `_`.",
    )


def wordings(topic: str, number: int, value: str) -> tuple[str, str]:
    """Both ways in which a decision is overturned, each with all that one must know."""
    if topic == "notes":
        return (
            f"Notes have turned out to be of no use and are `{ENDED}`: from now on add none; those that are there stay.",
            f"No more notes, please, they are `{ENDED}`: there is to be none for what you add from now on. Leave those that are there.",
        )
    what = "what we agreed for ids" if topic == "ids" else "our word for nothing"
    shown = "ids begin with" if topic == "ids" else "it is"
    if number == 3:
        return (
            f"As to {what}, I was right at first: from now on {shown} `{value}` again. What you have made stays as it is unless a point names it.",
            f"I take back the change to {what}: {shown} `{value}` again, from now on. Only what a point names is to be reworked.",
        )
    return (
        f"I have changed my mind about {what}: from now on {shown} `{value}`. What you have made stays as it is unless a point names it.",
        f"A correction to {what}: {shown} `{value}` from here on. Earlier work is left alone but for what a point names.",
    )
