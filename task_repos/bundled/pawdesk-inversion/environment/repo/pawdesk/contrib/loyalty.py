"""Points for every invoice that is paid; a voucher for every hundred."""

from __future__ import annotations

from pawdesk.infra import chance, clock, mailer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.plugins import hooks
from pawdesk.services import service

POINTS_FOR_VOUCHER = 100


def points_of(owner_id: str) -> int:
    """The points of an owner that are not in a voucher yet."""
    return sum(each["points"] for each in db().find("points", owner=owner_id))


def count(payment: str, invoice: str) -> None:
    """One point for each whole unit of money that was paid."""
    found = service("invoices").get(invoice)
    paid = next(each for each in service("takings").of_invoice(invoice) if each.id == payment)
    if paid.amount <= 0 or paid.way == "insurance":
        return
    db().insert("points", {"owner": found.owner, "points": int(paid.amount), "day": clock.today().isoformat()})
    while points_of(found.owner) >= POINTS_FOR_VOUCHER:
        give_voucher(found.owner)


def give_voucher(owner_id: str) -> str:
    """Turns a hundred points into a voucher and mails it."""
    code = f"V-{chance.token(6)}"
    db().insert("points", {"owner": owner_id, "points": -POINTS_FOR_VOUCHER, "day": clock.today().isoformat(), "voucher": code})
    owner = service("owners").get(owner_id)
    if owner.mail:
        mailer.send(owner.mail, "A voucher for you", f"{code} is worth 5 {setting('currency')} at {setting('practice_name')}.\n")
    return code


def activate() -> None:
    hooks.subscribe("payment.noted", count)
