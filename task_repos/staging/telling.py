"""Where items are told: in which stage, in a file or by a tool; which of them are changed on the way, and what is said again."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from harness.core.memory import Item
from task_repos.staging.dials import Dials
from task_repos.staging.draw import Draw
from task_repos.staging.lexicon import code
from task_repos.staging.rules import Rule
from task_repos.staging.work import Telling, Work

AGREEMENTS, CODES, BRIEFING = "docs/agreements.md", "docs/codes.md", "tools/briefing.py"
GAP = 3
"""Stages between statement and use where facts are told on the way and no distance is given."""


class Told(msgspec.Struct, frozen=True):
    """A telling in its place: index of its stage; `used`: index of the stage that needs it, None for one that always holds; `again`: indices
    of the stages that say it once more before another comes for it.
    """

    telling: Telling
    stage: int
    used: int | None = None
    again: tuple[int, ...] = ()


def places(works: tuple[Work, ...], rules: tuple[Rule, ...], dials: Dials, per_stage: int) -> list[Told]:
    """Every item with its stage. `per_stage`: tokens that a stage comes to, for distances given in tokens."""
    uses = {need: index for index, work in enumerate(works) for need in work.needs}
    every = [(0, rule.telling) for rule in rules] + [(index, telling) for index, work in enumerate(works) for telling in work.tells]
    return [
        Told(each, _place(uses.get(each.item.id), dials, per_stage), uses.get(each.item.id)) if each.item.kind == "fact" else Told(each, index)
        for index, each in every
    ]  # fmt: skip


def _place(used: int | None, dials: Dials, per_stage: int) -> int:
    if used is None or (dials.exposure != "request" and dials.distance is None):
        return 0
    gap = GAP if dials.distance is None else max(1, round(dials.distance / per_stage))
    return max(0, used - gap)


def superseded(told: list[Told], draw: Draw, count: int, echoes: int = 0) -> list[Told]:
    """The same, where `count` facts have another value first and their own only later, with room for `echoes` requests in between. Raises
    ValueError where there are too few. Where the room is there anyway, it is the same facts at the same places.
    """
    able = [each for each in draw.shuffled([each for each in told if _room(each) >= 0]) if _room(each) >= echoes]
    if count > len(able):
        raise ValueError(f"{count} of {len(able)}")
    chosen = {each.telling.item.id for each in able[:count]}
    made: list[Told] = []
    for each in told:
        made += _twice(each, draw.child(each.telling.item.id), echoes) if each.telling.item.id in chosen else [each]
    return made


def _room(each: Told) -> int:
    """Requests that can come between the fact and its change, which comes before its use; -1 where it can't be changed."""
    return -1 if each.used is None else max(-1, each.used - each.stage - 2)


def echoed(told: list[Told], count: int) -> list[Told]:
    """The same, where the first version of whatever is overturned has been said again by `count` requests, spread over those between. What came
    for it is never said again, also where it is overturned in its turn: or the ratio would hold only up to there. Raises ValueError where
    there are not so many requests, and where nothing is overturned.
    """
    ends = {ident: stage for ident, (_, stage) in changes(told).items()}
    if not ends:
        raise ValueError("nothing superseded")
    first = {each.telling.item.id for each in told if each.telling.item.id in ends and not each.telling.item.supersedes}
    return [
        msgspec.structs.replace(each, again=_spread(each.stage, ends[each.telling.item.id], count)) if each.telling.item.id in first else each for each in told
    ]  # fmt: skip


def _spread(first: int, end: int, count: int) -> tuple[int, ...]:
    """As many indices between these two, neither of them included, at distances as even as they can be."""
    between = end - first - 1
    if count > between:
        raise ValueError(f"{between} stages between a version and the next")
    return tuple(first + 1 + (2 * place + 1) * between // (2 * count) for place in range(count))


def _twice(each: Told, draw: Draw, echoes: int) -> list[Told]:
    item, used = each.telling.item, each.used or 0
    before, former = code(draw), f"{item.id}_before"
    first = msgspec.structs.replace(item, id=former, text=item.text.replace(item.value, before), value=before, fingerprints=(before,))
    text = draw.pick((f"That has changed: {item.text}", f"A correction, what I told you before no longer holds: {item.text}", f"From now on it is another: {item.text}"))
    second = msgspec.structs.replace(item, text=text, supersedes=former, former=(before,))
    between = max(each.stage + 1 + draw.below(max(1, used - each.stage - 1)), each.stage + 1 + echoes)
    return [
        Told(Telling(first, first.text), each.stage, used), Told(msgspec.structs.replace(each.telling, item=second, text=text), between, used),
    ]  # fmt: skip


def standing(told: Told, every: tuple[Told, ...], index: int) -> bool:
    """Whether a rule or decision holds in the stage of this index: told by then, and nothing told in its place."""
    ended = changes(list(every)).get(told.telling.item.id)
    return told.telling.item.kind != "fact" and told.stage <= index and (ended is None or index < ended[1])


def exposed(item: Item, stage: int, dials: Dials) -> Item:
    """The item as it is shown: those of the beginning in the way that the dial says."""
    if stage:
        return msgspec.structs.replace(item, exposure="request", recoverable=_kept(item, dials))
    manner = {"first": "first_request", "request": "first_request", "file": "file", "tool": "tool"}[dials.exposure]
    kept = {"file": "on_disk", "tool": "derivable"}.get(dials.exposure, _kept(item, dials))
    return msgspec.structs.replace(item, exposure=manner, recoverable=kept)


def _kept(item: Item, dials: Dials) -> str:
    return dials.recoverable if item.kind == "fact" else "no"


def papers(told: list[Told], dials: Dials) -> dict[str, str]:
    """The files that hold what is told at the beginning, or what can be found again."""
    made: dict[str, str] = {}
    opening = [each.telling.text for each in told if each.stage == 0]
    facts = [each.telling.item for each in told if each.telling.item.kind == "fact" and not each.telling.item.id.endswith("_before")]
    if dials.exposure == "file" and opening:
        made[AGREEMENTS] = "# Agreements\n\n" + "".join(f"- {text}\n" for text in opening)
    if dials.exposure == "tool" and opening:
        made |= _briefing(opening)
    if dials.recoverable == "on_disk" and facts:
        made[CODES] = "# Codes and marks\n\n" + "".join(f"- {item.text}\n" for item in facts)
    if dials.recoverable == "derivable" and facts:
        backwards = [item.text.replace(item.value, item.value[::-1]) for item in facts]
        made[CODES] = "# Codes and marks, each written backwards\n\n" + "".join(f"- {text}\n" for text in backwards)
    return made


def _briefing(lines: list[str]) -> dict[str, str]:
    """A tool that prints them from a file in which they can't be searched."""
    program = (
        '"""Prints what newcomers should know."""\n\nfrom pathlib import Path\n\nfor line in Path(__file__).with_name("briefing.txt").read_text().splitlines():\n'
        "    print(line[::-1])\n"
    )
    return {BRIEFING: program, "tools/briefing.txt": "".join(f"{line[::-1]}\n" for line in lines)}


def changes(told: list[Told]) -> Mapping[str, tuple[str, int]]:
    """Id of what was superseded -> (id of what came for it, its stage)."""
    return {each.telling.item.supersedes: (each.telling.item.id, each.stage) for each in told if each.telling.item.supersedes}
