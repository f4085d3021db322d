"""Requests as plain data, for the web server and the terminal at the door.

A request is `{"do": "appointments.book", "with": {...}}`; the answer is `{"ok": true, "result": ...}` or
`{"ok": false, "error": ..., "message": ...}`. Days and moments are ISO texts, amounts are texts.
"""

from __future__ import annotations

import inspect
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pawdesk.documents import pack
from pawdesk.errors import PawdeskError
from pawdesk.infra import clock, journal
from pawdesk.services import service

if TYPE_CHECKING:
    from pawdesk.practice import Practice

OPEN = {
    "owners": {"register", "get", "search", "change", "new_code", "leave"},
    "animals": {"admit", "get", "of_owner", "age", "warn", "chip", "hand_over", "died", "merge"},
    "weights": {"note", "history"},
    "vaccinations": {"give", "pass_of", "due", "print_pass"},
    "records": {"write", "correct", "of_animal", "search"},
    "stock": {"receive", "level", "take", "expiring"},
    "purchasing": {"add", "send", "late", "cancel"},
    "rosters": {"hire", "staff", "absent", "extra", "on_duty"},
    "rooms": {"names", "close", "load"},
    "appointments": {"book", "get", "on", "of_animal", "suggest", "move", "cancel", "arrive", "finish"},
    "waitlist": {"enter", "accept", "wishes"},
    "frontdesk": {"check_in", "walk_in", "waiting", "call_next", "go_away", "minutes_to_wait"},
    "visits": {"begin", "act", "undo", "close", "follow_up", "of_animal"},
    "prescriptions": {"issue", "dispense", "stop", "running"},
    "lab": {"order", "of_animal", "overdue"},
    "ward": {"admit", "order", "done", "observe", "todo", "discharge", "present"},
    "prices": {"get", "codes", "change"},
    "charges": {"open_of", "waive"},
    "invoices": {"make", "get", "of_owner", "cancel"},
    "takings": {"cash", "card", "refund"},
    "balances": {"of_owner", "of_invoice"},
    "plans": {"agree", "running"},
}
QUIET = ("get", "of_", "search", "history", "due", "level", "on", "names", "codes", "waiting", "present", "running", "todo")


def handle(practice: Practice, request: dict[str, Any]) -> dict[str, Any]:
    """Answers a request; whatever a user can have done wrong becomes an answer, not an exception."""
    try:
        place, _, method = str(request["do"]).partition(".")
        if method not in OPEN.get(place, set()):
            return _error("unknown", f"no such request: {request['do']}")
        function = getattr(service(place), method)
        result = function(**_read(function, request.get("with", {})))
    except PawdeskError as problem:
        return _error(type(problem).__name__, str(problem))
    except (KeyError, TypeError, ValueError) as problem:
        return _error("malformed", str(problem))
    if not method.startswith(QUIET):
        journal.write("request", do=request["do"], by=request.get("by", "?"))
    return {"ok": True, "result": pack(result), "at": clock.now().isoformat()}


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"ok": False, "error": kind, "message": message, "at": clock.now().isoformat()}


def _read(function: Any, given: dict[str, Any]) -> dict[str, Any]:
    hints = {name: str(parameter.annotation) for name, parameter in inspect.signature(function).parameters.items()}
    unknown = sorted(set(given) - set(hints))
    if unknown:
        raise TypeError(f"no such argument: {unknown[0]}")
    return {name: _value(hints[name], value) for name, value in given.items()}


def _value(hint: str, value: Any) -> Any:
    if not isinstance(value, str):
        return tuple(value) if isinstance(value, list) and hint.startswith("tuple") else value
    if hint.startswith("datetime"):
        return datetime.fromisoformat(value)
    if hint.startswith("date"):
        return date.fromisoformat(value)
    return value
