"""Invoices of the second release had no reference for transfers."""

from pawdesk.infra.chance import token
from pawdesk.infra.clock import now
from pawdesk.infra.database import db


def run():
    changed = [each for each in db().find("invoices") if not each.get("reference")]
    for each in changed:
        db().put("invoices", each["id"], {**each, "reference": token(8), "referenced": now().isoformat()})
    return len(changed)
