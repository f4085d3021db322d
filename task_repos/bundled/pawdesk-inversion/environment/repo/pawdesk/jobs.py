"""What runs every morning and every evening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pawdesk.infra import clock, journal
from pawdesk.plugins import hooks
from pawdesk.services import service

if TYPE_CHECKING:
    from pawdesk.practice import Practice


def morning(practice: Practice) -> dict[str, int]:
    """Sheet, reminders, recalls, offers, results; how many of each."""
    counts = {
        "offers": service("waitlist").expire(),
        "reminders": service("reminders").remind(),
        "recalls": service("reminders").recall(),
        "results": len(service("lab").fetch()),
    }
    service("daysheet").print_sheet()
    hooks.emit("morning", day=clock.today())
    journal.write("morning", **counts)
    return counts


def evening(practice: Practice) -> dict[str, int]:
    """Who did not come, invoices, plans, reminders to pay, takings; how many of each."""
    counts = {
        "missed": len(service("appointments").sweep()),
        "invoices": len(service("invoices").make_all()),
        "plans": len(service("plans").review()),
        "dunning": len(service("dunning").run()),
    }
    service("stock").discard_expired()
    service("takings").close_day()
    hooks.emit("evening", day=clock.today())
    journal.write("evening", **counts)
    return counts
