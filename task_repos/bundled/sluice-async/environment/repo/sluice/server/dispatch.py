"""What can be asked of a running gateway over its control port."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

from sluice.errors import ControlError, SluiceError
from sluice.model.commands import Command
from sluice.model.readings import Reading
from sluice.services.poller import Round


class Controlled(Protocol):
    """The part of a gateway that can be asked from outside."""

    def read(self, station: str, *points: str) -> list[Reading]: ...

    def poll(self, *names: str, group: str | None = None) -> Round: ...

    def submit(self, station: str, point: str, value: float, who: str, good_for: timedelta = ...) -> Command: ...

    def withdraw(self, number: int, who: str) -> Command: ...

    def run_commands(self) -> list[Command]: ...

    def status(self) -> dict[str, Any]: ...

    def flush(self) -> int: ...


class Dispatcher:
    """Turns requests into calls, and results into answers. Answers have ``ok`` and either ``result`` or ``error``."""

    def __init__(self, gateway: Controlled) -> None:
        self._gateway = gateway
        self._actions: dict[str, Callable[[dict[str, Any]], Any]] = {
            "ping": lambda request: "pong",
            "status": lambda request: self._gateway.status(),
            "read": self._read,
            "poll": self._poll,
            "submit": self._submit,
            "withdraw": lambda request: self._gateway.withdraw(int(request["number"]), request["who"]).to_dict(),
            "run": lambda request: [command.to_dict() for command in self._gateway.run_commands()],
            "flush": lambda request: self._gateway.flush(),
        }

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(sorted(self._actions))

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request; its ``id`` comes back with it. An error of ours becomes an answer, never an exception."""
        identity = request.get("id")
        try:
            result = self._call(request)
        except SluiceError as error:
            return {"id": identity, "ok": False, "error": f"{type(error).__name__}: {error}"}
        return {"id": identity, "ok": True, "result": result}

    def _call(self, request: dict[str, Any]) -> Any:
        action = self._actions.get(str(request.get("do")))
        if action is None:
            raise ControlError(f"cannot do {request.get('do')!r}; can do {', '.join(self.actions)}")
        try:
            return action(request)
        except (KeyError, TypeError, ValueError) as error:
            raise ControlError(f"a broken request: {type(error).__name__}: {error}") from None

    def _read(self, request: dict[str, Any]) -> Any:
        return [reading.to_dict() for reading in self._gateway.read(request["station"], *request.get("points", ()))]

    def _poll(self, request: dict[str, Any]) -> Any:
        found = self._gateway.poll(*request.get("stations", ()), group=request.get("group"))
        return {"readings": len(found.readings), "failed": found.failed}

    def _submit(self, request: dict[str, Any]) -> Any:
        good_for = timedelta(seconds=float(request.get("good_for", 900)))
        command = self._gateway.submit(request["station"], request["point"], float(request["value"]), request["who"], good_for)
        return command.to_dict()
