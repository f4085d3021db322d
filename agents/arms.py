"""The views of a replay, each a pure function of what the agent made and of what is known of its past; what follows the past stays as it is."""

from __future__ import annotations

import msgspec

from agents.exposure import bared, call_of, cut, exposes
from agents.filler import CHARACTERS_PER_TOKEN as FILLER_PER_TOKEN
from agents.filler import filler
from agents.window import CHARACTERS_PER_TOKEN, FRAME_TOKENS, total
from harness.core.agent import Mended, Seen
from harness.core.chat import Message, Origin, Part, Role, Text, Thinking, ToolCall, View, message

STANDING = "What holds in this work, as it was told before:"
REMINDER = "A reminder of what holds in this work:"
LOG = "A log of your own edits so far, made by machine:"
_REQUESTS = frozenset({Origin.TASK, Origin.USER})


def full(view: View, _seen: Seen) -> View:
    """Everything, as the agent made it."""
    return view


def short(view: View, seen: Seen) -> View:
    """The system text, the request then worked on, and the digest for all of the past."""
    past, after = _parted(view, seen)
    return (*(m for m in past if m.role is Role.SYSTEM or m.id == seen.request), seen.digest, *after)


def fresh(view: View, seen: Seen) -> View:
    """The system text, all items that hold, the request then worked on and the digest; nothing of the history."""
    past, after = _parted(view, seen)
    return (*_system(past), *_standing(seen), *_request(past, seen), seen.digest, *after)


def pad(view: View, seen: Seen) -> View:
    """As fresh, with neutral filler where the history stood, as long as the whole view was: what length does by itself.

    The filler comes before the items and the request, so that nothing the agent needs is further from the end than under fresh.
    """
    past, after = _parted(view, seen)
    system, near = _system(past), (*_standing(seen), *_request(past, seen), seen.digest)
    return (*system, *_filler(_missing(past, (*system, *near), seen), seen), *near, *after)


def remind(view: View, seen: Seen) -> View:
    """The whole, with the one item in question stated once more as the last thing said."""
    return _with_last(view, seen, "r", f"{REMINDER}\n- {seen.aid.words}")


def state(view: View, seen: Seen) -> View:
    """The whole, with a log of the agent's own edits as the last thing said."""
    lines = [f"- {line}" for line in seen.aid.edits] or ["- none yet"]
    return _with_last(view, seen, "l", "\n".join((LOG, *lines)))


def recall(view: View, seen: Seen) -> View:
    """The whole, with a question about the item as the last thing said."""
    return _with_last(view, seen, "q", seen.aid.question[0] if seen.aid.question else "")


def evict(view: View, seen: Seen) -> View:
    """The whole without anything that exposes the item in question. Requests and the system text lose just the sentences that do: without
    the rest of them there would be no task.
    """
    past, after = _parted(view, seen)
    pieces = [_silenced(each, seen) if _told(each) else each for each in past]
    rest = {each.id: each for each in bared(tuple(each for each in pieces if not _told(each)), seen.aid.prints)}
    return (*(each for piece in pieces if (each := piece if _told(piece) else rest.get(piece.id)) is not None), *after)


def no_rule(view: View, seen: Seen) -> View:
    """As fresh for one who was never told of the item: it is in no words of the system text, the request, the items and the digest."""
    past, after = _parted(view, seen)
    told = (*_system(past), *_standing(seen, but=seen.aid.item), *_request(past, seen), seen.digest)
    return (*(_silenced(each, seen) for each in told), *after)


def clean(view: View, seen: Seen) -> View:
    """The whole with the agent's own replies that went wrong as they should have been, or filler of their length where nobody can say."""
    past, after = _parted(view, seen)
    wrong = {each.message: each for each in seen.aid.mended}
    gone = {call.id: each.id for each in past if each.id in wrong and not wrong[each.id].calls for call in each.calls}
    return (*(made for each in past for made in _cleaned(each, wrong, gone, (past, seen))), *after)


def unsigned(view: View, seen: Seen) -> View:
    """Without the past's reasoning where its provider has signed any: it belongs to the history it was thought in, and no arm may have more of it."""
    if not seen.aid.signed:
        return view
    bare = (_thoughtless(each) if each.id in seen.past else each for each in view)
    return tuple(each for each in bare if each.parts)


def _thoughtless(each: Message) -> Message:
    parts = tuple(part for part in each.parts if not isinstance(part.content, Thinking))
    return each if len(parts) == len(each.parts) else msgspec.structs.replace(each, parts=parts)


def _parted(view: View, seen: Seen) -> tuple[View, View]:
    """What is of the past, and what came after it."""
    return tuple(each for each in view if each.id in seen.past), tuple(each for each in view if each.id not in seen.past)


def _system(past: View) -> View:
    return tuple(each for each in past if each.role is Role.SYSTEM)


def _request(past: View, seen: Seen) -> View:
    return tuple(each for each in past if each.id == seen.request)


def _told(each: Message) -> bool:
    """Whether it is the system text or a request."""
    return each.role is Role.SYSTEM or (bool(each.parts) and all(part.origin in _REQUESTS for part in each.parts))


def _standing(seen: Seen, but: str = "") -> View:
    lines = [f"- {words}" for ident, words in seen.aid.standing if ident != but]
    return (_own(seen, "i", "\n".join((STANDING, *lines))),) if lines else ()


def _with_last(view: View, seen: Seen, mark: str, text: str) -> View:
    past, after = _parted(view, seen)
    return (*past, _own(seen, mark, text), *after)


def _own(seen: Seen, mark: str, text: str) -> Message:
    """A message of the harness, named after the digest, so that a fork's fork has names of its own."""
    return message(f"{seen.digest.id}{mark}", Role.USER, Origin.HARNESS, Text(text))


def _silenced(each: Message, seen: Seen) -> Message:
    return cut(each, f"{seen.digest.id}-{each.id}", seen.aid.words, seen.aid.prints)


def _missing(past: View, short_: View, seen: Seen) -> int:
    """Tokens by which the view is shorter than the past was. The provider's count tells how dense the words are, where there is one."""
    whole = total(past)
    counted = seen.aid.tokens or whole
    return max(0, counted - round(total(short_) * counted / max(1, whole)))


def _filler(tokens: int, seen: Seen) -> View:
    per = CHARACTERS_PER_TOKEN if seen.aid.tokens is None else FILLER_PER_TOKEN
    text = filler(round((tokens - FRAME_TOKENS) * per), lambda sentence: exposes(sentence, seen.aid.foreign))
    return (_own(seen, "f", text),) if text else ()


def _cleaned(each: Message, wrong: dict[str, Mended], gone: dict[str, str], held: tuple[View, Seen]) -> View:
    """What stands in a message's place. The outputs of a reply that goes whole are counted with it."""
    past, seen = held
    if each.id in wrong and wrong[each.id].calls:
        return (_mended(each, dict(wrong[each.id].calls), f"{seen.digest.id}-{each.id}"),)
    if each.id in wrong:
        own = {call.id for call in each.calls}
        size = sum(len(part.content.text) for one in past for part in one.parts if one.id == each.id or call_of(part) in own)
        text = filler(size, lambda sentence: exposes(sentence, seen.aid.foreign))
        return (message(f"{seen.digest.id}-{each.id}", Role.USER, Origin.HARNESS, Text(text)),) if text else ()
    return () if each.parts and all(call_of(part) in gone for part in each.parts) else (each,)


def _mended(each: Message, calls: dict[str, str], name: str) -> Message:
    """The reply with other arguments; what it thought and said of the wrong ones goes."""
    parts = [part for part in each.parts if isinstance(part.content, ToolCall)]
    return Message(name, each.role, tuple(_with_arguments(part, calls, f"{name}.{k}") for k, part in enumerate(parts, 1)))


def _with_arguments(part: Part, calls: dict[str, str], ident: str) -> Part:
    assert isinstance(part.content, ToolCall)
    raw = calls.get(part.content.id, part.content.raw_arguments)
    return Part(ident, part.origin, msgspec.structs.replace(part.content, raw_arguments=raw))
