"""Living a recorded past once more: a conversation led through its own wishes by their recorded answers, at no cost."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harness.core.agent import Ask, Claim, Conversation, Edit, Stop, Use, Wish, Yield
from harness.core.conversation import sent
from harness.core.conversation import thrown as overflowed
from harness.core.errors import ContextOverflow, HarnessError
from harness.core.parts import plain
from harness.engine.steps import Step, Unanswered


class Parted(HarnessError):
    """An agent that was told what it had been told wished something else; `seq` and `turn` are those of the recorded wish.

    `recorded` None: nothing is on record there, since a limit ended the try before the wish.
    """

    def __init__(self, seq: int, turn: int, recorded: Wish | Stop | None, wished: Wish | Stop) -> None:
        self.seq, self.turn, self.recorded, self.wished = seq, turn, recorded, wished
        super().__init__(f"turn {turn}: the agent wished {told(wished)}, on record is {told(recorded)}")


def told(wish: Wish | Stop | None) -> str:
    """A wish in a few words."""
    match wish:
        case None:
            return "a further wish"
        case Stop():
            return f"the end ({wish.value})"
        case Ask(view):
            return f"a question of {len(view)} messages"
        case Use(call):
            return f"a call of {plain(call.name)} with {plain(call.raw_arguments[:200])}"
        case Edit():
            return f"an edit of its view ({wish.policy})"
        case Yield():
            return "to hand the turn back"


def thrown(conversation: Conversation, fault: ContextOverflow) -> Wish | Stop:
    """The next wish after an overflow; an agent that lets it pass has ended with its window."""
    try:
        return overflowed(conversation, fault)
    except ContextOverflow:
        return Stop.WINDOW


def relive(conversation: Conversation, past: Iterable[Step]) -> Wish | Stop | None:
    """Lead a fresh conversation through the steps; what it wishes next, or None where the last step has no answer.

    Raises Parted on the first wish that is not the recorded one.
    """
    wish: Wish | Stop | None = sent(conversation, None)
    for step in past:
        if wish is None:
            raise HarnessError(f"entry {step.seq} follows a wish that was never answered")
        if not same(step.wish, wish):
            raise Parted(step.seq, step.turn, step.wish, wish)
        match step.answer:
            case Unanswered():
                wish = None
            case ContextOverflow() as fault:
                wish = thrown(conversation, fault)
            case answer:
                wish = sent(conversation, answer)
    return wish


def resumed(conversation: Conversation, past: Iterable[Step]) -> Conversation:
    """The conversation as it goes on after the steps: its first wish is the first that is not on record. Raises Parted when begun."""
    wish = relive(conversation, past)
    if wish is None:
        raise HarnessError("a past that ends with an unanswered wish can't be gone on from")
    while not isinstance(wish, Stop):
        try:
            answer = yield wish
        except ContextOverflow as fault:
            wish = thrown(conversation, fault)
        else:
            wish = sent(conversation, answer)
    return wish


LIMITED = frozenset({Stop.TURNS, Stop.TOOL_CALLS, Stop.TOKENS, Stop.COST, Stop.TIME})


def determinism(conversation: Conversation, past: tuple[Step, ...], stop: Stop | None) -> Parted | None:
    """Where a fresh conversation parts from the record, or None where it wishes all that is there and ends as it did.

    `stop` as recorded; None for a try that did not end. A limit ends a try at a wish that is not on record: there must be one.
    """
    try:
        wish = relive(conversation, past)
    except Parted as parted:
        return parted
    finally:
        conversation.close()
    seq, turn = (past[-1].seq, past[-1].turn) if past else (0, 0)
    if wish is None or stop is None or stop in (Stop.FAULT, Stop.INTERRUPTED):
        return None
    expected = None if stop in LIMITED else stop
    fits = not isinstance(wish, Stop) if expected is None else wish is expected
    return None if fits else Parted(seq, turn, expected, wish)


def same(recorded: Wish, wished: Wish | Stop) -> bool:
    """Messages part by part; the words of calls and claims as the record can hold them."""
    return recorded == _as_recorded(wished)


def _as_recorded(wish: Wish | Stop) -> Wish | Stop:
    match wish:
        case Use(call):
            return Use(msgspec.structs.replace(call, id=plain(call.id), name=plain(call.name)))
        case Yield(claim) if claim is not None:
            return Yield(Claim(plain(claim.done), plain(claim.not_done)))
        case _:
            return wish
