"""What happens in the practice, told to whoever wants to hear it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Listener = Callable[..., None]
_listeners: dict[str, list[Listener]] = {}


def subscribe(name: str, listener: Listener) -> None:
    """Calls a function with the facts of every event of a name; `*` hears all, with the name as `event`."""
    _listeners.setdefault(name, []).append(listener)


def unsubscribe(name: str, listener: Listener) -> None:
    if listener in _listeners.get(name, []):
        _listeners[name].remove(listener)


def emit(name: str, **facts: Any) -> None:
    """Tells the listeners of an event, in the order in which they subscribed."""
    for listener in list(_listeners.get(name, [])):
        listener(**facts)
    for listener in list(_listeners.get("*", [])):
        listener(event=name, **facts)


def clear() -> None:
    """Forgets all listeners, as when a practice is closed."""
    _listeners.clear()
