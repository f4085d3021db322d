"""As coder, but rules outlast what is taken out: after each compaction the standing ones stand again, word for word, at the end of the view.

Requests stay verbatim in coder, too, but far back; and a rule that a file of the repository told is gone with the result that showed it.
So pinned keeps two kinds of sentences: those of all requests so far, brought near again, and those of prose files whose results were
taken out (`rules.py` tells which sentences). What coder has no place for stays lost: facts in code, logs and the model's own decisions.
"""

from __future__ import annotations

from itertools import accumulate

import msgspec

from agents.coder import TOOLS
from agents.compaction import Compacting
from agents.forgetting import Forgetting, Step
from agents.history import History
from agents.loop import Manner, converse
from agents.marks import Marks, checked
from agents.nudges import with_limits, words
from agents.prose import prose
from agents.restating import Said, checked_share, latest, restated, room
from agents.rules import Told, of_files, of_requests
from agents.summary import questions
from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Conversation
from harness.core.chat import Origin, Text

REASON = "rules that hold are said again, because something was taken out"


class Pins(msgspec.Struct, frozen=True):
    """`room` in characters. `asked` stands above the rules of requests, `read` above those of files; `above` and `gone` below them, where
    some had no room.
    """

    room: int
    asked: str
    read: str
    above: str
    gone: str

    def restated(self, before: History, after: History) -> Step:
        """Up to half of the room for the rules of files, the rest for those of the requests, the newest first: they stand above, too."""
        still = {message.id for message in after.messages}
        told = (*_pinned(before), *_lines(tuple(each for each in of_files(before.messages) if each.message not in still)))
        files, gone = _fitting(tuple(dict.fromkeys(told)), self.room // 2)
        rules = of_requests(after.messages, after.kept - {after.messages[0].id})
        newest, above = _fitting(_lines(rules[::-1]), self.room - sum(map(len, files)))
        reason = f"{REASON}; without room: {above} of requests, {gone} of files" if above or gone else REASON
        return (yield from restated(after, "pin", (*self._requests(newest[::-1], above), *self._files(files, gone)), reason))

    def _requests(self, rules: tuple[str, ...], above: int) -> Said:
        words = (self.asked, *rules, *((self.above.format(above),) if above else ()))
        return ((Origin.HARNESS, Text("\n".join(words))),) if rules else ()

    def _files(self, rules: tuple[str, ...], gone: int) -> Said:
        if not rules:
            return ()
        after = ((Origin.HARNESS, Text(self.gone.format(gone))),) if gone else ()
        return ((Origin.HARNESS, Text(self.read)), (Origin.TOOL, Text("\n".join(rules))), *after)


def _lines(told: tuple[Told, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"- {each.file}: {each.words}" if each.file else f"- {each.words}" for each in told))


def _pinned(before: History) -> tuple[str, ...]:
    """The rules of files that the former message held: what showed them may be long gone."""
    former = latest(before)
    held = (part.content.text for part in former.parts if part.origin is Origin.TOOL) if former else ()
    return tuple(line for text in held for line in text.split("\n"))


def _fitting(lines: tuple[str, ...], room: int) -> tuple[tuple[str, ...], int]:
    """The first lines that there is room for, and how many have none."""
    fit = sum(taken <= room for taken in accumulate(len(line) + 1 for line in lines))
    return lines[:fit], len(lines) - fit


def create(*, high_water: float = 0.80, low_water: float = 0.50, recent: int = 4, nudges: int = 2, share: float = 0.10) -> Agent:
    """As coder; `share`: of the window, what rules may take that are said again (at most 8,000 characters). Raises PlanError."""
    checked(high_water=high_water, low_water=low_water, recent=recent, nudges=nudges)
    checked_share(share)
    system, said, asked = prose("coder"), words("nudge"), questions()
    told = tuple(map(prose, ("pinned", "pinned_files", "pinned_above", "pinned_gone")))

    def begin(assignment: Assignment) -> Conversation:
        policy = Compacting(Marks(assignment.window, high_water, low_water, recent), asked)
        memory = Forgetting(policy, Pins(room(assignment.window, share), *told).restated)
        return converse(assignment, Manner(with_limits(system, assignment.limits), said, memory, nudges))

    return Worker("pinned", (system, *said.all, *asked.all, *told), TOOLS, begin)
