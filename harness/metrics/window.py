"""Window truth from counts alone: a view that only grew never costs fewer tokens; where it does, something was lost silently."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from harness.core.chat import Origin, PartId, Role
from harness.core.events import ModelAsked, ModelReplied, PartAdded, Trace
from harness.metrics.tries import latest


class Fall(msgspec.Struct, frozen=True):
    """Prompt tokens fell from `before` to `after` at this turn although the view only grew."""

    turn: int
    before: int
    after: int


def falls(trace: Trace) -> tuple[Fall, ...]:
    """Every such fall in the latest try. A user message may make a template drop earlier reasoning: those turns are not judged."""
    found: list[Fall] = []
    parts: dict[PartId, PartAdded] = {}
    before, turn, grown = None, 0, False
    for entry in latest(trace):
        match entry.event:
            case PartAdded() as event:
                parts[event.id] = event
            case ModelAsked() as event:
                turn, grown = event.turn, grown and _only_grew(event, parts)
            case ModelReplied(usage=usage) if usage.input_total is not None:
                if grown and before is not None and before - usage.input_total > tolerance(before, parts):
                    found.append(Fall(turn, before, usage.input_total))
                # From one counted reply to the next: an edit that came before a failed attempt counts, too.
                before, grown = usage.input_total, True
            case _:
                pass
    return tuple(found)


def tolerance(tokens: int, parts: Mapping[PartId, PartAdded]) -> int:
    """Tokens that a template may save by itself: 16 or 2 % of the prompt for its own re-rendering, and all reasoning so far.

    Reasoning is bounded from above by one token for every two characters; of a bulky part the blob's size tells.
    """
    thoughts = (part for part in parts.values() if part.origin is Origin.THINKING)
    reasoning = sum(part.blob.size if part.blob else len(part.content.text) for part in thoughts)
    return max(16, tokens // 50) + reasoning // 2


def _only_grew(event: ModelAsked, parts: Mapping[PartId, PartAdded]) -> bool:
    thought = any(part.origin is Origin.THINKING for part in parts.values())
    spoken = any(parts[ident].role is Role.USER for change in event.splices for ident in change.insert)
    return all(change.drop == 0 for change in event.splices) and not (thought and spoken)
