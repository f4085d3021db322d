"""An agent made of a name, its prose, the tools it works with and a way to begin."""

from __future__ import annotations

from collections.abc import Callable

from harness.core.agent import Assignment, Conversation


class Worker:
    """Satisfies core.agent.Agent; holds nothing that changes, so that one may serve many trials."""

    def __init__(
        self, name: str, prompts: tuple[str, ...], tools: tuple[str, ...], begin: Callable[[Assignment], Conversation]
    ) -> None:
        self.name, self.prompts, self._tools, self._begin = name, prompts, tools, begin

    def tools(self) -> tuple[str, ...]:
        return self._tools

    def __call__(self, assignment: Assignment) -> Conversation:
        return self._begin(assignment)
