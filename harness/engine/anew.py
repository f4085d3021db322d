"""A further conversation of one try: the messages that its agent makes get names of their own, and what was shown before is confessed as dropped."""

from __future__ import annotations

import re

import msgspec

from harness.core.agent import Ask, Conversation, Edit, Stop, Wish
from harness.core.chat import Message
from harness.core.conversation import sent
from harness.core.errors import ContextOverflow
from harness.engine.past import thrown

_OURS = re.compile(r"m\d+")
"""Names that the harness gives; they are never given twice in a try."""


def renamed(conversation: Conversation, mark: str) -> Conversation:
    """The conversation with `mark` behind the name of each message of its own making, since it counts them from the beginning again."""
    wish: Wish | Stop = sent(conversation, None)
    try:
        while not isinstance(wish, Stop):
            try:
                answer = yield _marked(wish, mark)
            except ContextOverflow as fault:
                wish = thrown(conversation, fault)
            else:
                wish = sent(conversation, answer)
    finally:
        conversation.close()
    return wish


def _marked(wish: Wish, mark: str) -> Wish:
    match wish:
        case Ask(view):
            return Ask(tuple(_message(each, mark) for each in view))
        case Edit():
            dropped, replaced = tuple(_name(each, mark) for each in wish.dropped), tuple((_name(a, mark), _name(b, mark)) for a, b in wish.replaced)
            return msgspec.structs.replace(wish, dropped=dropped, replaced=replaced)
        case _:
            return wish


def _message(each: Message, mark: str) -> Message:
    name = _name(each.id, mark)
    if name == each.id:
        return each
    parts = tuple(msgspec.structs.replace(part, id=f"{name}.{part.id.rsplit('.', 1)[-1]}") for part in each.parts)
    return msgspec.structs.replace(each, id=name, parts=parts)


def _name(name: str, mark: str) -> str:
    return name if _OURS.fullmatch(name) else f"{name}@{mark}"
