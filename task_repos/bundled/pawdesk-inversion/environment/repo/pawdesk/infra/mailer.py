"""Mail: every message is a JSON file in the spool folder, which the mail server of the practice empties."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pawdesk.errors import NotOpen, Refused


class MailSpool:
    """Messages in a folder, or in memory without one."""

    def __init__(self, folder: Path | None, sender: str) -> None:
        self._folder = folder
        self._sender = sender
        self._messages: list[dict[str, Any]] = []

    def send(self, to: str, subject: str, body: str, attachments: Sequence[str] = ()) -> int:
        """Spools a message and gives its number."""
        if "@" not in to:
            raise Refused(f"not a mail address: {to!r}")
        number = self._count() + 1
        message = {"number": number, "from": self._sender, "to": to, "subject": subject, "body": body}
        message["attachments"] = list(attachments)
        if self._folder is None:
            self._messages.append(message)
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(message, indent=1, sort_keys=True) + "\n"
            (self._folder / f"{number:06d}.json").write_text(text, encoding="utf-8")
        return number

    def outbox(self) -> list[dict[str, Any]]:
        """What waits, in the order in which it was sent."""
        if self._folder is None:
            return list(self._messages)
        return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(self._folder.glob("*.json"))]

    def _count(self) -> int:
        return len(self._messages) if self._folder is None else len(list(self._folder.glob("*.json")))


_spool: MailSpool | None = None


def install(spool: MailSpool | None) -> None:
    global _spool
    _spool = spool


def _installed() -> MailSpool:
    if _spool is None:
        raise NotOpen("no practice is open")
    return _spool


def send(to: str, subject: str, body: str, attachments: Sequence[str] = ()) -> int:
    return _installed().send(to, subject, body, attachments)


def outbox() -> list[dict[str, Any]]:
    return _installed().outbox()
