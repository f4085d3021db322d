"""Claims to the insurers of animals: sent with the invoice, answered in part or in whole."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from pawdesk.billing.balances import Balances
from pawdesk.billing.invoices import Invoices
from pawdesk.billing.takings import Takings
from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import chance, clock, journal, mailer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.money import money, share, show
from pawdesk.patients.animals import Animals

CLAIM_DAYS = 30


@dataclass(frozen=True)
class Policy:
    """What an insurer pays for an animal: a rate above a deductible, up to a sum per year."""

    id: str
    animal: str
    insurer: str
    number: str
    rate: Decimal
    deductible: Decimal
    yearly: Decimal
    since: date


@dataclass(frozen=True)
class Claim:
    """One invoice sent to an insurer."""

    id: str
    policy: str
    invoice: str
    asked: Decimal
    key: str
    sent: date
    paid: Decimal | None = None
    clerk: str = ""


def claimable(policy: Policy, gross: Decimal, used: Decimal) -> Decimal:
    """What may be asked for."""
    above = max(gross - policy.deductible, Decimal("0.00"))
    return min(share(above, policy.rate), max(policy.yearly - used, Decimal("0.00")))


class Insurance:
    """Policies by animal and the claims on them."""

    def insure(self, animal_id: str, insurer: str, number: str, rate: Decimal | str, deductible: Decimal | str, yearly: Decimal | str) -> Policy:
        """Notes a policy that begins today."""
        animal = Animals().living(animal_id)
        if not 0 < Decimal(rate) <= 1 or "@" not in insurer:
            raise Refused("a policy has an insurer's address and a rate up to one")
        if db().count("policies", animal=animal.id):
            raise Refused(f"{animal.name} is insured")
        policy = Policy("", animal.id, insurer, number, Decimal(rate), money(deductible), money(yearly), clock.today())
        policy = replace(policy, id=db().insert("policies", {**pack(policy), "id": None}))
        journal.write("policy.noted", policy=policy.id, animal=animal.id)
        return policy

    def policy_of(self, animal_id: str) -> Policy | None:
        return next((unpack(Policy, each) for each in db().find("policies", animal=animal_id)), None)

    def claim(self, animal_id: str, invoice_id: str) -> Claim:
        """Sends an invoice to the insurer of an animal."""
        policy = self.policy_of(animal_id)
        invoice = Invoices().get(invoice_id)
        if policy is None:
            raise Refused(f"{animal_id} is not insured")
        if clock.today() - invoice.day > timedelta(days=CLAIM_DAYS):
            raise Refused(f"{invoice.number} is older than {CLAIM_DAYS} days")
        if db().count("claims", invoice=invoice_id):
            raise Refused(f"{invoice.number} was sent already")
        asked = claimable(policy, invoice.gross, self.used(policy.id, clock.today().year))
        if asked <= 0:
            raise Refused(f"nothing to ask for {invoice.number}")
        claim = Claim("", policy.id, invoice_id, asked, chance.token(10), clock.today(), clerk=os.environ.get("USER", "desk"))
        claim = replace(claim, id=db().insert("claims", {**pack(claim), "id": None}))
        lines = [f"Policy {policy.number}", f"Invoice {invoice.number} of {show(invoice.gross, setting('currency'))}"]
        lines += [f"Claimed: {show(asked, setting('currency'))}", f"Key: {claim.key}", setting("practice_name")]
        mailer.send(policy.insurer, f"Claim {claim.id}", "\n".join(lines) + "\n")
        journal.write("claim.sent", claim=claim.id, invoice=invoice_id, asked=asked)
        return claim

    def answer(self, key: str, paid: Decimal | str | int) -> Claim:
        """The insurer answers under the key of a claim; what it pays is noted on the invoice."""
        found = db().find("claims", key=key, paid=None)
        if not found:
            raise Refused(f"no open claim {key}")
        claim, amount = unpack(Claim, found[0]), money(paid)
        if not 0 <= amount <= claim.asked:
            raise Refused(f"{amount} was not asked for")
        answered = replace(claim, paid=amount)
        with db().transaction():
            db().put("claims", claim.id, pack(answered))
            journal.write("claim.answered", claim=claim.id, paid=amount)
            if amount:
                Takings().insured(claim.invoice, min(amount, Balances().of_invoice(claim.invoice)))
        return answered

    def used(self, policy_id: str, year: int) -> Decimal:
        """What a policy has paid or was asked for in a year."""
        claims = [unpack(Claim, each) for each in db().find("claims", policy=policy_id)]
        return sum((c.asked if c.paid is None else c.paid for c in claims if c.sent.year == year), Decimal("0.00"))

    def unanswered(self, days: int = 21) -> list[Claim]:
        limit = clock.today() - timedelta(days=days)
        return [claim for claim in (unpack(Claim, each) for each in db().find("claims", paid=None)) if claim.sent < limit]
