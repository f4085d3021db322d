"""Ports of the tests' own: they have the methods that the request names, and write down what they are asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from pawdesk.errors import Declined


class Watch:
    """A clock that only tells the time."""

    def __init__(self, moment: str) -> None:
        self.moment = datetime.fromisoformat(moment)

    def now(self) -> datetime:
        return self.moment

    def today(self) -> date:
        return self.moment.date()

    def wait(self, **delta: float) -> None:
        self.moment += timedelta(**delta)


class Loaded:
    """Chance that counts, and always picks the last."""

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self.choices: list[list[Any]] = []

    def token(self, length: int = 8) -> str:
        self.lengths.append(length)
        return f"{len(self.lengths):0{length}d}"

    def pick(self, items: Any) -> Any:
        self.choices.append(list(items))
        return items[-1]


class Letters:
    """Mail, by receiver and subject."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, to: str, subject: str, body: str, attachments: Any = ()) -> int:
        self.sent.append((to, subject))
        return len(self.sent)


class Telephones:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, number: str, text: str) -> None:
        self.sent.append((number, text))


class Bank:
    """A terminal that takes whole amounts only."""

    def __init__(self) -> None:
        self.slips: list[tuple[str, str]] = []

    def charge(self, amount: Any, card: str, reference: str) -> str:
        if amount % 1:
            raise Declined("coins")
        self.slips.append(("charge", str(amount)))
        return f"slip {len(self.slips)}"

    def refund(self, receipt: str, amount: Any) -> str:
        self.slips.append((receipt, str(amount)))
        return "back"


class Pages:
    def __init__(self) -> None:
        self.titles: list[tuple[str, str]] = []

    def print_page(self, queue: str, title: str, lines: Any) -> str:
        self.titles.append((queue, title))
        assert list(lines) is not None
        return f"{queue}/{len(self.titles)}"


class Diary:
    """A journal without seals."""

    def __init__(self) -> None:
        self.acts: list[dict[str, Any]] = []

    def write(self, action: str, **facts: Any) -> int:
        texts = {name: str(value) for name, value in facts.items()}
        self.acts.append({"action": action, "at": "2026-03-02T08:00:00", "facts": texts})
        return len(self.acts)

    def entries(self, action: str = "") -> list[dict[str, Any]]:
        return [each for each in self.acts if not action or each["action"] == action]


class Drawer:
    """Files by name."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def put(self, name: str, data: bytes) -> str:
        self.held[name] = data
        return name

    def get(self, name: str) -> bytes:
        return self.held[name]


class Laboratory:
    def __init__(self) -> None:
        self.orders: list[tuple[str, str]] = []
        self.results: list[tuple[str, str]] = []

    def drop(self, name: str, text: str) -> None:
        self.orders.append((name, text))

    def collect(self) -> list[tuple[str, str]]:
        found, self.results = self.results, []
        return found


class Ears:
    """Hears events, and tells those who subscribed."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.listeners: list[tuple[str, Any]] = []

    def emit(self, name: str, **facts: Any) -> None:
        self.heard.append(name)
        for wanted, listener in self.listeners:
            if wanted == name:
                listener(**facts)

    def subscribe(self, name: str, listener: Any) -> None:
        self.listeners.append((name, listener))


class Wall:
    """A screen."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)
