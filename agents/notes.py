"""As coder, with a tool `note`: what the model writes down with it is shown again, whole and in order, after each compaction.

The notes live in the conversation alone: no file of theirs is in the repository, so none is graded or gets into the patch.
They have a size; a note that would go over it is declined in plain words, and nothing that was written down is ever dropped for it.
"""

from __future__ import annotations

import msgspec

from agents.coder import TOOLS as CODERS
from agents.compaction import Compacting
from agents.forgetting import Forgetting, Step
from agents.history import History
from agents.loop import Manner, converse
from agents.marks import Marks, checked
from agents.nudges import with_limits, words
from agents.prose import prose
from agents.restating import checked_share, latest, restated, room
from agents.summary import questions
from agents.tools.note import create as note
from agents.tools.note import words_of
from agents.window import outputs
from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Conversation
from harness.core.chat import Origin, Text, ToolCall

TOOLS = (*CODERS[:-1], "note", CODERS[-1])
SPEC = note().spec
REASON = "the notes are shown again, because something was taken out"


class Page(msgspec.Struct, frozen=True):
    """`room` in characters of all notes together; `heading` stands above them; `declined` is told where one has no room."""

    room: int
    heading: str
    declined: str

    def restated(self, before: History, after: History) -> Step:
        """All notes so far, each a part of the model's own words."""
        taken = noted(before)
        heading = self.heading.format(taken=_size(taken), room=self.room)
        said = ((Origin.HARNESS, Text(heading)), *((Origin.MODEL, Text(each)) for each in taken)) if taken else ()
        return (yield from restated(after, "notes", said, REASON))

    def refuses(self, history: History, call: ToolCall) -> str:
        """Why a note is not taken; "" for one that is, for other tools, and for arguments that the tool itself will refuse."""
        new = words_of(call) if call.name == SPEC.name else ""
        taken = _size(noted(history))
        return self.declined.format(size=len(new), taken=taken, room=self.room) if new and taken + len(new) > self.room else ""


def noted(history: History) -> tuple[str, ...]:
    """The notes taken so far: those of the last page shown, and of every call since that the tool has answered well."""
    page = latest(history)
    begin = history.messages.index(page) + 1 if page else 0
    taken = [part.content.text for part in page.parts if part.origin is Origin.MODEL] if page else []
    asked: dict[str, ToolCall] = {}
    for message in history.messages[begin:]:
        asked |= {call.id: call for call in message.calls}
        taken += [words_of(asked[each.call_id]) for each in outputs(message) if each.ok and each.name == SPEC.name and each.call_id in asked]
    return tuple(filter(None, taken))


def _size(notes: tuple[str, ...]) -> int:
    return sum(map(len, notes))


def create(*, high_water: float = 0.80, low_water: float = 0.50, recent: int = 4, nudges: int = 2, share: float = 0.10) -> Agent:
    """As coder; `share`: of the window, what all notes together may take (at most 8,000 characters). Raises PlanError."""
    checked(high_water=high_water, low_water=low_water, recent=recent, nudges=nudges)
    checked_share(share)
    said, asked = words("nudge"), questions()
    system, advice = prose("coder"), prose("notes")
    told = (prose("notes_page"), prose("notes_full"))

    def begin(assignment: Assignment) -> Conversation:
        page = Page(room(assignment.window, share), *told)
        policy = Compacting(Marks(assignment.window, high_water, low_water, recent), asked)
        whole = with_limits(f"{system}\n\n{advice.format(room=page.room)}", assignment.limits)
        return converse(assignment, Manner(whole, said, Forgetting(policy, page.restated), nudges, declined=page.refuses))

    return Worker("notes", (system, advice, *said.all, *asked.all, *told), TOOLS, begin)
