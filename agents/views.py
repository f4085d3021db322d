"""What a model is let to see: the table of views, and the generator that puts one between an agent and its model."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from typing import TypeAlias

import msgspec

from agents.arms import clean, evict, fresh, full, no_rule, pad, recall, remind, short, state, unsigned
from harness.core.agent import Answer, Answered, Ask, Conversation, Edit, Seen, Stop, Wish
from harness.core.chat import Origin, Role, Text, View, message
from harness.core.conversation import sent, thrown
from harness.core.errors import ContextOverflow
from harness.core.trial import ASKING

Made: TypeAlias = Callable[[View, Seen], View]

VIEWS: dict[str, Made] = {
    "full": full, "short": short, "fresh": fresh, "remind": remind, "pad": pad, "clean": clean, "state": state, "evict": evict, "no-rule": no_rule, "recall": recall,
    "absent": recall, "wide": full,
}  # fmt: skip
OF_AN_ITEM = frozenset({"remind", "evict", "no-rule", "recall"})
"""Views that are about one item: without any they mean nothing."""
OF_A_PROBE = frozenset({"absent", "wide"})
"""Arms that only a probe lays: a question about what nobody stated, and the whole view in a window that has more room for it."""
REASON = "the view under which this conversation goes on"


def through(conversation: Conversation, name: str, seen: Seen) -> Conversation:
    """The conversation with every question shown under the view of that name; what it leaves out or puts in is confessed first."""
    view, past, told = VIEWS[name], seen, Told(name, seen.digest.id)
    step = sent(conversation, None)
    if name in ASKING:
        return (yield from asked(step, seen, name)) if isinstance(step, Ask) else Stop.GAVE_UP
    while not isinstance(step, Stop):
        if isinstance(step, Edit):
            past = _with_stand_ins(past, step)
        if isinstance(step, Ask):
            past = _begun(past, step.view)
            step, told = yield from _shown(conversation, step.view, unsigned(view(step.view, past), past), told)
        else:
            step = sent(conversation, (yield step))
    return step


def asked(step: Ask, seen: Seen, name: str = "recall") -> Conversation:
    """Put the question, and once more where the answer is not of its form; no call of a reply is run, and then it is over."""
    past = _begun(seen, step.view)
    view = unsigned(recall(step.view, past), past)
    yield Edit(f"view {name}", (), (), f"{REASON} puts in {seen.digest.id}q")
    answer = yield Ask(view)
    if isinstance(answer, Answered) and not formed(answer.message.text):
        said = (answer.message,) if answer.message.parts and not answer.message.calls else ()
        yield Ask((*view, *said, message(f"{seen.digest.id}q2", Role.USER, Origin.HARNESS, Text(seen.aid.question[-1]))))
    return Stop.ANSWERED


def formed(text: str) -> bool:
    """Whether a reply is an object with an answer; what of it is right is for others to say."""
    try:
        found = json.loads(text.strip().removeprefix("```json").removeprefix("```").removesuffix("```"))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "answer" in found


def _begun(seen: Seen, view: View) -> Seen:
    """Before the first question of all there is no past on record: then what the agent begins with is its past."""
    ids = _ids(view)
    return seen if ids & seen.past else msgspec.structs.replace(seen, past=ids)


class Told(msgspec.Struct, frozen=True):
    """What of a view is confessed by now: ids left out, and ids put in. `digest`: id of the message that may stand for the past."""

    view: str
    digest: str
    out: frozenset[str] = frozenset()
    put: frozenset[str] = frozenset()


def _shown(conversation: Conversation, whole: View, view: View, told: Told) -> Generator[Wish, Answer, tuple[Wish | Stop, Told]]:
    """Put one question, and tell the agent's next wish with what is confessed now."""
    now = msgspec.structs.replace(told, out=_ids(whole) - _ids(view), put=_ids(view) - _ids(whole))
    if (edit := _edit(whole, told, now)) is not None:
        yield edit
    try:
        answer = yield Ask(view)
    except ContextOverflow as fault:
        return thrown(conversation, fault), now
    return sent(conversation, answer), now


def _ids(view: View) -> frozenset[str]:
    return frozenset(message.id for message in view)


def _edit(whole: View, told: Told, now: Told) -> Edit | None:
    """A message that was cut or mended stands in for the one it is named after, the digest for all others; without it they are dropped."""
    out = tuple(message.id for message in whole if message.id in now.out - told.out)
    more = sorted(now.put - told.put)
    if not out and not more:
        return None
    stands = {ident: name for ident in out if (name := f"{now.digest}-{ident}") in now.put or (name := now.digest) in now.put}
    gone = tuple(ident for ident in out if ident not in stands)
    return Edit(f"view {now.view}", gone, tuple(stands.items()), REASON if out else f"{REASON} puts in {', '.join(more)}")


def _with_stand_ins(seen: Seen, edit: Edit) -> Seen:
    """What stands in for messages of the past alone is of the past, too; a summary of both is not."""
    olds: dict[str, set[str]] = {}
    for old, new in edit.replaced:
        olds.setdefault(new, set()).add(old)
    more = frozenset(new for new, each in olds.items() if each <= seen.past)
    return msgspec.structs.replace(seen, past=seen.past | more)
