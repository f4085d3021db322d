"""Window truth from counts alone: a view that only grew never costs fewer tokens; where it does, something was lost silently."""

from __future__ import annotations

import msgspec

from harness.core.chat import Origin, PartId, Role
from harness.core.events import ModelAsked, ModelReplied, PartAdded, Trace
from harness.metrics.tries import latest


class Fall(msgspec.Struct, frozen=True):
    """Prompt tokens fell from `before` to `after` at this turn although the view only grew."""

    turn: int
    before: int
    after: int


class _Seen(msgspec.Struct, frozen=True):
    """Of the parts so far: who are users' words, and how many tokens of reasoning there can be at most."""

    users: frozenset[PartId] = frozenset()
    reasoning: int = 0
    thought: bool = False

    def add(self, part: PartAdded) -> _Seen:
        """Reasoning is bounded from above by one token for every two characters; of a bulky part the blob's size tells."""
        if part.role is Role.USER:
            return msgspec.structs.replace(self, users=self.users | {part.id})
        if part.origin is not Origin.THINKING:
            return self
        return msgspec.structs.replace(self, reasoning=self.reasoning + (part.blob.size if part.blob else len(part.content.text)), thought=True)


def falls(trace: Trace) -> tuple[Fall, ...]:
    """Every such fall in the latest try. A user message may make a template drop earlier reasoning: those turns are not judged."""
    found: list[Fall] = []
    before, turn, grown, seen = None, 0, False, _Seen()
    for entry in latest(trace):
        match entry.event:
            case PartAdded() as event:
                seen = seen.add(event)
            case ModelAsked() as event:
                turn, grown = event.turn, grown and _only_grew(event, seen)
            case ModelReplied(usage=usage) if usage.input_total is not None:
                if grown and before is not None and before - usage.input_total > tolerance(before, seen.reasoning):
                    found.append(Fall(turn, before, usage.input_total))
                # From one counted reply to the next: an edit that came before a failed attempt counts, too.
                before, grown = usage.input_total, True
            case _:
                pass
    return tuple(found)


def tolerance(tokens: int, reasoning: int) -> int:
    """Tokens that a template may save by itself: 16 or 2 % of the prompt for its own re-rendering, and all `reasoning` (characters) so far."""
    return max(16, tokens // 50) + reasoning // 2


def _only_grew(event: ModelAsked, seen: _Seen) -> bool:
    spoken = any(ident in seen.users for change in event.splices for ident in change.insert)
    return all(change.drop == 0 for change in event.splices) and not (seen.thought and spoken)
