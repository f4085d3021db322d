"""What one says who plays a staged task: the next move, or its slip; an answer to a question of recall; a summary of where it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import msgspec

from agents.models.forgetter import Forgetter
from agents.models.lessons import Lesson, asked
from agents.models.merging import merged
from agents.prose import prose
from harness.core.chat import Content, Origin, Role, Text, ToolCall, View
from harness.core.memory import Item, Move, Use

LOST = "I don't know this task: no moves of it are in the folder that I was given."
BLANK = "_____"
ASKING = '{"answer": VALUE}'
_CALL = re.compile(r"sim-(\d+)-(\d+)-\d+(?:-x([\d.]+))?")
_WORDS = re.compile(r"reply (\d+), next move (\d+)\.")


class Mark(msgspec.Struct, frozen=True, order=True):
    """Where it stood: after so many replies in all the move of this place was next."""

    replies: int
    place: int


def said(view: View, replies: int, known: tuple[Lesson, ...], memory: Forgetter, seed: int) -> tuple[Content, ...]:
    """Contents of the reply after `replies` of them. `seed`: of the trial, which decides every draw together with the view."""
    found = asked(view, known)
    if found is None:
        return (Text(LOST),)
    lesson, stage = found
    place = _next(view, replies, lesson.stage(stage))
    if (question := _question(view)) is not None:
        return (Text(_answer(question, lesson.items.values(), memory, view, seed)),)
    if _summarised(view):
        return (Text(f"The work goes on with request {stage}; reply {replies + 1}, next move {place}."),)
    return _played(lesson, place, replies, (view, memory, seed))


def _next(view: View, replies: int, within: tuple[int, int]) -> int:
    """The place of the next move: where the last words of its own left it, and on by the replies since that the view does not show.

    A view without any of its own words tells by the number of replies alone. Never outside of the request now worked on.
    """
    marks = [Mark(0, 0), *(mark for message in view for part in message.parts for mark in _marks(part.content))]
    last = max(mark for mark in marks if mark.replies <= replies)
    return min(max(last.place + replies - last.replies, within[0]), within[1] - 1)


def _marks(content: Content) -> Iterable[Mark]:
    if isinstance(content, ToolCall) and (match := _CALL.fullmatch(content.id)):
        yield Mark(int(match[1]) + 1, int(match[2]) + 1)
    elif isinstance(content, Text):
        yield from (Mark(int(match[1]), int(match[2])) for match in _WORDS.finditer(content.text))


def _played(lesson: Lesson, place: int, replies: int, moment: tuple[View, Forgetter, int]) -> tuple[Content, ...]:
    """Ids of calls say which move it was and which of its items were lost: what it has begun in a request it goes on with."""
    move = lesson.moves[place]
    lost = [index for index, name in enumerate(move.items) if _forgot(lesson, place, name, moment)]
    calls = _calls(move, [move.items[index] for index in lost])
    mark = f"-x{'.'.join(map(str, lost))}" if lost else ""
    return (Text(move.text), *(ToolCall(f"sim-{replies}-{place}-{number}{mark}", call.tool, call.arguments) for number, call in enumerate(calls, 1)))


def _forgot(lesson: Lesson, place: int, name: str, moment: tuple[View, Forgetter, int]) -> bool:
    """Within a request it stays with what it has begun, or its own code would not fit together; a prohibition may slip in any turn."""
    view, memory, seed = moment
    before = None if lesson.items[name].manner == "prohibition" else _before(lesson, place, name, view)
    return not memory.keeps(lesson.items[name], view, seed, place) if before is None else before


def _before(lesson: Lesson, place: int, name: str, view: View) -> bool | None:
    """Whether it lost the item when it first came to it in this request; None where it comes to it now, or can't see what it did."""
    first = lesson.stage(lesson.moves[place].stage)[0]
    for part in (part for message in view if message.role is Role.ASSISTANT for part in message.parts):
        match = _CALL.fullmatch(part.content.id) if isinstance(part.content, ToolCall) else None
        if match and first <= int(match[2]) < place and name in lesson.moves[int(match[2])].items:
            lost = [int(each) for each in match[3].split(".")] if match[3] else []
            return lesson.moves[int(match[2])].items.index(name) in lost
    return None


def _calls(move: Move, lost: list[str]) -> tuple[Use, ...]:
    """With several items lost, all that each loss changes."""
    slips = [next(iter(sorted((slip for slip in move.slips if slip.item == name), key=lambda slip: slip.how != "violates")), None) for name in lost]
    return merged(move.calls, [slip.calls for slip in slips if slip is not None])


def _summarised(view: View) -> bool:
    return bool(view) and view[-1].text.strip() == prose("summarise").strip()


def _question(view: View) -> str | None:
    """The last question of recall, else about what nobody stated; the view may end with the demand for another form of answer."""
    mine = [message.text for message in view if message.role is Role.USER and any(part.origin is Origin.HARNESS for part in message.parts)]
    return next((text for text in reversed(mine) if BLANK in text and ASKING in text), mine[-1]) if mine and ASKING in mine[-1] else None


def _answer(question: str, items: Iterable[Item], memory: Forgetter, view: View, seed: int) -> str:
    """The value of the item in question, or that it does not know: nobody stated what no item has."""
    item = next((each for each in items if each.value and _blanked(each) in question), None)
    kept = item is not None and memory.keeps(item, view[:-1], seed, "recall")
    return json.dumps({"answer": item.value if item is not None and kept else None})


def _blanked(item: Item) -> str:
    text = item.text
    for word in sorted({item.value, *item.former} - {""}, key=len, reverse=True):
        text = text.replace(word, BLANK)
    return text
