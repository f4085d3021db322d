"""When a prompt is counted once more while its trial runs, and what that count is held against."""

from __future__ import annotations

from harness.core.chat import Message, ModelRequest, Role, Thinking, Usage, View
from harness.core.errors import ContextOverflow
from harness.core.events import PromptCounted, Splice
from harness.core.parts import part_ids
from harness.core.ports import Model
from harness.metrics.window import Asked, Before, doubt, settled

EVERY, FIRST = 20, 5
"""One turn in twenty; not the first, whose view nothing can have been dropped from."""


class Weighing:
    """Of one try. An extra request may force a model to read its whole prompt again (minutes, where a recurrent state can't be cut
    back), so one is asked only on a doubt, and in trials that are there for it.
    """

    def __init__(self, model: Model, *, counting: bool) -> None:
        self._model, self._counting = model, counting
        self._before: Before | None = None
        self._grown = False
        self._added = self._written = self._whole = 0

    def view(self, view: View, changes: tuple[Splice, ...]) -> None:
        """What the next question shows; told once for each turn."""
        sizes = {part: size for message in view for part, size in zip(part_ids((message,)), _sizes(message), strict=True)}
        own = {part for message in view if message.role is Role.ASSISTANT for part in part_ids((message,))}
        fresh = [part for change in changes for part in change.insert]
        self._grown = self._grown and not any(change.drop for change in changes)
        self._added += sum(sizes[part] for part in fresh)
        self._written += sum(sizes[part] for part in fresh if part in own)
        self._whole = sum(sizes.values())

    def weighed(self, request: ModelRequest, usage: Usage, turn: int) -> PromptCounted | None:
        """An independent count where this one is in doubt, or its turn has come; None where none was made."""
        tools = sum(len(tool.name) + len(tool.description) + len(str(tool.schema())) for tool in request.tools)
        asked, facts = Asked(self._grown, self._added, self._written, self._whole + tools), self._model.facts
        due = self._counting and turn % EVERY == FIRST
        why = doubt(self._before, asked, usage, request.window, declared=facts.cuts_declared)
        counted = self._counted(request) if usage.input_total is not None and (due or why) else None
        if usage.input_total is not None:
            self._before = settled(usage, counted.tokens if counted else None, more=counted is not None and counted.more)
            self._grown, self._added, self._written = True, 0, 0
        return counted

    def _counted(self, request: ModelRequest) -> PromptCounted | None:
        kind = self._model.facts.kind
        try:
            tokens = self._model.count(request)
        except ContextOverflow as long:
            return PromptCounted(request.window, kind, more=True) if long.prompt_tokens is None and request.window else None
        return None if tokens is None else PromptCounted(tokens, kind)


def _sizes(message: Message) -> list[int]:
    """Bytes of each part's words; whether reasoning is sent on is the template's business."""
    texts = ("" if isinstance(part.content, Thinking) else part.content.text for part in message.parts)
    return [len(text.encode("utf-8", "surrogatepass")) for text in texts]
