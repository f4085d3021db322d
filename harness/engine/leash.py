"""A sandbox whose commands end when the time of tools is used up: a limit on it holds within a call, too, not only between calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.core.machine import Exec, ShellResult
from harness.core.ports import Sandbox

LEAST_S = 0.05


class Leash:
    """The sandbox itself but for the deadlines of commands. `left`: seconds that tools still have, None without a bound."""

    def __init__(self, sandbox: Sandbox, left: Callable[[], float | None]) -> None:
        self._sandbox, self._left = sandbox, left

    def shell(self, command: str, *, deadline: float) -> ShellResult:
        """As the sandbox does, within what is left."""
        return self._sandbox.shell(command, deadline=self._within(deadline))

    def exec(
        self, argv: tuple[str, ...], *, deadline: float, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> Exec:
        """As the sandbox does, within what is left."""
        return self._sandbox.exec(argv, deadline=self._within(deadline), stdin=stdin, environment=environment)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    def _within(self, deadline: float) -> float:
        left = self._left()
        return deadline if left is None else min(deadline, max(left, LEAST_S))
