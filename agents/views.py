"""What a model is let to see: pure functions from a view to a view, and the generator that puts one between an agent and its model."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeAlias

from harness.core.agent import Answer, Ask, Conversation, Edit, Seen, Stop, Wish
from harness.core.chat import Role, View
from harness.core.conversation import sent, thrown
from harness.core.errors import ContextOverflow

Made: TypeAlias = Callable[[View, Seen], View]


def full(view: View, _seen: Seen) -> View:
    """Everything, as the agent made it."""
    return view


def short(view: View, seen: Seen) -> View:
    """The system text, the request then worked on, and the digest for all of the past; what came after it stays as it is."""
    kept = tuple(m for m in view if m.id in seen.past and (m.role is Role.SYSTEM or m.id == seen.request))
    return (*kept, seen.digest, *(message for message in view if message.id not in seen.past))


VIEWS: dict[str, Made] = {"full": full, "short": short}


def through(conversation: Conversation, name: str, seen: Seen) -> Conversation:
    """The conversation with every question shown under the view of that name; what it leaves out is confessed first."""
    view, past, shown = VIEWS[name], seen, frozenset[str]()
    step = sent(conversation, None)
    while not isinstance(step, Stop):
        if isinstance(step, Edit):
            past = _with_stand_ins(past, step)
        if isinstance(step, Ask):
            step, shown = yield from _shown(conversation, step.view, view(step.view, past), (name, shown))
        else:
            step = sent(conversation, (yield step))
    return step


def _shown(
    conversation: Conversation, whole: View, view: View, before: tuple[str, frozenset[str]]
) -> Generator[Wish, Answer, tuple[Wish | Stop, frozenset[str]]]:
    """Put one question, and tell the agent's next wish with the ids that are left out now."""
    name, hidden = before
    ids = {message.id for message in view}
    out = frozenset(message.id for message in whole if message.id not in ids)
    fresh = tuple(message.id for message in whole if message.id in out - hidden)
    if fresh:
        stands = next((message.id for message in view if message.id not in {each.id for each in whole}), "")
        replaced = tuple((ident, stands) for ident in fresh) if stands else ()
        yield Edit(f"view {name}", () if stands else fresh, replaced, "the view under which this conversation goes on")
    try:
        answer = yield Ask(view)
    except ContextOverflow as fault:
        return thrown(conversation, fault), out
    return sent(conversation, answer), out


def _with_stand_ins(seen: Seen, edit: Edit) -> Seen:
    """What stands in for messages of the past alone is of the past, too; a summary of both is not."""
    olds: dict[str, set[str]] = {}
    for old, new in edit.replaced:
        olds.setdefault(new, set()).add(old)
    more = frozenset(new for new, each in olds.items() if each <= seen.past)
    return Seen(seen.past | more, seen.request, seen.digest)
