"""An outbox for letters, and webhooks that tell other programs about new entries."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ledgerlite.book import Book
from ledgerlite.entries import Entry

Transport = Callable[[str, bytes], int]


@dataclass(frozen=True, slots=True)
class Message:
    to: str
    body: str
    number: int


class Outbox:
    """Keeps letters until somebody sends them; a letter can be taken back before that."""

    def __init__(self) -> None:
        self._waiting: deque[Message] = deque()
        self._sent: list[Message] = []
        self._last = 0

    def post(self, to: str, body: str) -> int:
        """Put a letter into the outbox; returns its number."""
        self._last += 1
        self._waiting.append(Message(to, body, self._last))
        return self._last

    def reverse(self, number: int) -> bool:
        """Take a letter back; False when it has gone out or never was there."""
        for message in self._waiting:
            if message.number == number:
                self._waiting.remove(message)
                return True
        return False

    def waiting(self) -> list[Message]:
        return list(self._waiting)

    def sent(self) -> list[Message]:
        return list(self._sent)

    def flush(self, send: Callable[[Message], None]) -> int:
        """Send everything in order; a letter whose sending raises stays, with all after it."""
        count = 0
        while self._waiting:
            send(self._waiting[0])
            self._sent.append(self._waiting.popleft())
            count += 1
        return count


class WebhookClient:
    """Posts JSON to a URL through a transport; retries answers of 500 and above."""

    def __init__(self, url: str, transport: Transport, attempts: int = 3) -> None:
        self.url = url
        self.transport = transport
        self.attempts = attempts
        self.failed: list[bytes] = []

    def post(self, event: str, payload: dict[str, object]) -> bool:
        """Deliver one event; what can't be delivered is kept in ``failed``."""
        body = json.dumps({"event": event, **payload}, sort_keys=True).encode()
        for _ in range(self.attempts):
            status = self.transport(self.url, body)
            if status < 500:
                return status < 400
        self.failed.append(body)
        return False


def announce_entries(book: Book, client: WebhookClient, minimum: int = 0) -> Callable[[], None]:
    """Tell a webhook about every new entry of at least some amount; returns the way to stop."""

    def tell(entry: Entry) -> None:
        if entry.total >= minimum:
            client.post("entry", entry.to_record())

    return book.subscribe(tell)


def digest(book: Book, outbox: Outbox, to: str, day: date) -> int | None:
    """Post a letter that lists the entries of a day, newest first; None on a quiet day."""
    rows = [f"#{e.number} {e.total} {e.memo}".rstrip() for e in book if e.date == day]
    if not rows:
        return None
    rows.reverse()
    return outbox.post(to, f"Entries of {day.isoformat()}\n" + "\n".join(rows))
