"""Window truth from counts alone: a view that only grew never costs fewer tokens; where it does, something was lost silently."""

from __future__ import annotations

import msgspec

from harness.core.chat import Origin, PartId, Role
from harness.core.events import ModelAsked, ModelOpened, ModelReplied, PartAdded, Trace
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
    before: int | None = None
    asked: ModelAsked | None = None
    grown = False
    for entry in latest(trace):
        match entry.event:
            case PartAdded() as event:
                parts[event.id] = event
            case ModelAsked() as event:
                grown = event.turn != 1 and _only_grew(event, parts)
                asked = event
            case ModelReplied(usage=usage) if asked and usage.input_total is not None:
                if grown and before is not None and before - usage.input_total > tolerance(before):
                    found.append(Fall(asked.turn, before, usage.input_total))
                before = usage.input_total
            case _:
                pass
    return tuple(found)


def tolerance(tokens: int) -> int:
    """Tokens that a template's own re-rendering may save: 16, or 2 % of the prompt."""
    return max(16, tokens // 50)


def _only_grew(event: ModelAsked, parts: dict[PartId, PartAdded]) -> bool:
    thought = any(part.origin is Origin.THINKING for part in parts.values())
    spoken = any(parts[ident].role is Role.USER for change in event.splices for ident in change.insert)
    return all(change.drop == 0 for change in event.splices) and not (thought and spoken)


def truncation_excluded(trace: Trace) -> bool:
    """Whether the server could be kept from cutting silently; True where no model took part."""
    return all(entry.event.facts.truncation_excluded for entry in trace if isinstance(entry.event, ModelOpened))
