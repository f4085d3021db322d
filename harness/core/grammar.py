"""Which event may follow which. Everything that decides the legality of a trace lives in this table."""

from __future__ import annotations

from harness.core.events import Entry, Trace, TrialStarted

_ENDS = ("TrialBroke", "TrialInterrupted")
_ASKING = ("PartAdded", "ViewEdited", "PromptRendered", "SlotWaited", "ModelAsked")
_ACTING = (*_ASKING, "OutsideKept", "ToolCalled", "TurnYielded", "StepEnded", "LimitReached", "AgentStopped", *_ENDS)
_GRADING = ("SandboxOpened", "GradeRan", "ResourcesSeen", *_ENDS)
_NEXT_STEP = ("TreeSeen", "PartAdded", "ViewEdited", "AgentStopped")
"""After a step was graded: the next one is prepared and asked for, or there is none."""

NEXT: dict[str, tuple[str, ...]] = {
    "": ("TrialStarted",),
    "TrialStarted": ("SlotWaited", "ModelOpened", "SandboxOpened", *_ENDS),
    "ModelOpened": ("SandboxOpened", *_ENDS),
    "SandboxOpened": ("TreeSeen", "PartAdded", "GradeRan", *_ENDS),
    "PartAdded": ("PartAdded", "RequestGiven", "ModelReplied", "ToolReturned", *_ACTING),
    "RequestGiven": _ACTING,
    "ViewEdited": _ACTING,
    "PromptRendered": ("SlotWaited", "ModelAsked", *_ENDS),
    "SlotWaited": ("ModelOpened", "ModelAsked", *_ENDS),
    "ModelAsked": ("PartAdded", "ModelReplied", "ModelFailed", *_ENDS),
    "PromptCounted": _ACTING,
    "ModelFailed": _ACTING,
    "ModelReplied": ("PromptCounted", *_ACTING),
    "ToolCalled": ("ToolReturned", *_ENDS),
    "ToolReturned": ("TreeSeen", *_ACTING),
    "TreeSeen": ("PartAdded", "RequestGiven", "PatchTaken", "GradeRan", "TreeSeen", "PastLived", *_ACTING),
    "PastLived": _ACTING,
    "OutsideKept": _ACTING,
    "TurnYielded": ("PartAdded", "RequestGiven", "StepEnded", "LimitReached", "AgentStopped", *_ENDS),
    "LimitReached": ("StepEnded", "AgentStopped", *_ENDS),
    "StepEnded": ("TreeSeen", "PatchTaken", "GradeRan", *_ENDS),
    "AgentStopped": ("OutsideSeen", "ResourcesSeen", "TreeSeen", "PatchTaken", *_ENDS),
    "OutsideSeen": ("ResourcesSeen", "TreeSeen", "PatchTaken", *_GRADING),
    "ResourcesSeen": ("OutsideSeen", "PatchTaken", *_NEXT_STEP, *_GRADING),
    "PatchTaken": _GRADING,
    "GradeRan": ("PatchTaken", *_NEXT_STEP, *_GRADING),
    "TrialBroke": ("TrialStarted",),
    "TrialInterrupted": ("TrialStarted",),
}


def violations(trace: Trace) -> tuple[str, ...]:
    """One sentence for each place where the trace breaks the table, its numbering or its clock; () for a lawful trace."""
    found: list[str] = []
    before: Entry | None = None
    for entry in trace:
        found += _step(before, entry)
        before = entry
    return (*found, *_tries(trace))


def _step(before: Entry | None, entry: Entry) -> list[str]:
    name = type(entry.event).__name__
    last = type(before.event).__name__ if before else ""
    found = [] if name in NEXT[last] else [f"{entry.seq}: {name} may not follow {last or 'nothing'}"]
    if entry.seq != (before.seq + 1 if before else 1):
        found.append(f"{entry.seq}: numbered out of order")
    if before and entry.at < before.at and not isinstance(entry.event, TrialStarted):
        found.append(f"{entry.seq}: earlier than the entry before it")
    return found


def _tries(trace: Trace) -> list[str]:
    numbers = [entry.event.number for entry in trace if isinstance(entry.event, TrialStarted)]
    return [] if numbers == list(range(1, len(numbers) + 1)) else [f"tries are numbered {numbers}"]
