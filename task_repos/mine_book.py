"""What mining knows of the changes so far, on disk after each that cost something, so that the next call goes on from there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from task_repos.mine_change import Change
from task_repos.mine_manifest import Examined, Mined, Reason, load, save

TRIED_AGAIN: Final = frozenset({Reason.ENVIRONMENT})
"""What may be this machine's fault: looked at again by the next call."""


class Book:
    """What is known of the changes, kept on disk after each that cost something."""

    def __init__(self, to: Path, settings: str, limit: int) -> None:
        self.to, self._settings, self._limit = to, settings, limit
        self._known = {change.key: change for change in load(to).changes}
        self.prints: set[str] = set()

    @property
    def mined(self) -> Mined:
        return Mined(changes=tuple(self._known.values()))

    @property
    def full(self) -> bool:
        return sum(1 for change in self._known.values() if change.task) >= self._limit

    def knows(self, change: Change) -> bool:
        """Whether there is nothing new to find out of a change; its print is remembered either way."""
        held = self._known.get(change.key)
        if held is None:
            return False
        made = bool(held.task) and (self.to / held.task).is_dir()
        if not made and (held.task or held.settings != self._settings or held.reason in TRIED_AGAIN):
            return False
        self.prints.add(change.print)
        return True

    def put(self, examined: Examined) -> None:
        told = msgspec.structs.replace(examined, settings=self._settings, title=sayable(examined.title), detail=sayable(examined.detail))
        self._known[examined.key] = told
        if examined.seconds:
            self.save()

    def save(self) -> None:
        if self._known:
            save(self.to, self.mined)


def sayable(text: str) -> str:
    """Text that JSON can hold: a file's name may be no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
