"""The commands: each gives the lines that are shown."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pawdesk import api, jobs
from pawdesk.infra import clock, journal
from pawdesk.infra.config import current
from pawdesk.infra.database import db
from pawdesk.money import show
from pawdesk.paper import table
from pawdesk.practice import Practice
from pawdesk.services import service


def register(practice: Practice, options: Namespace) -> Iterable[str]:
    """enter an owner"""
    channel = "mail" if options.mail else "text" if options.phone else "none"
    owner = service("owners").register(options.name, options.mail, options.phone, channel=channel)
    yield f"{owner.id} {owner.name} {owner.code}"


def admit(practice: Practice, options: Namespace) -> Iterable[str]:
    """enter an animal"""
    born = date.fromisoformat(options.born) if options.born else None
    animal = service("animals").admit(options.owner, options.name, options.species, born, chip=options.chip)
    yield f"{animal.id} {animal.name} ({service('animals').age(animal.id)})"


def hire(practice: Practice, options: Namespace) -> Iterable[str]:
    """enter one of the staff"""
    days = tuple(options.days.split(","))
    member = service("rosters").hire(options.name, options.role, options.mail, days)
    yield f"{member.id} {member.name} {member.start}-{member.end}"


def suggest(practice: Practice, options: Namespace) -> Iterable[str]:
    """free times for a reason"""
    for at, vet in service("appointments").suggest(options.reason):
        yield f"{at:%Y-%m-%d %H:%M} {vet}"


def book(practice: Practice, options: Namespace) -> Iterable[str]:
    """book an appointment"""
    made = service("appointments").book(options.animal, options.vet, datetime.fromisoformat(options.start), options.reason)
    yield f"{made.id} {made.start:%Y-%m-%d %H:%M} code {made.code}"


def cancel(practice: Practice, options: Namespace) -> Iterable[str]:
    """cancel an appointment"""
    yield f"{service('appointments').cancel(options.appointment).id} cancelled"


def day(practice: Practice, options: Namespace) -> Iterable[str]:
    """the sheet of a day"""
    return service("daysheet").lines(date.fromisoformat(options.day) if options.day else clock.today())


def receive(practice: Practice, options: Namespace) -> Iterable[str]:
    """put a delivery on the shelf"""
    batch = service("stock").receive(options.medicine, options.batch, date.fromisoformat(options.expires), options.units)
    yield f"{batch.id} {batch.medicine} {batch.left}"


def medicine(practice: Practice, options: Namespace) -> Iterable[str]:
    """enter a medicine, doses as species=mg"""
    doses = dict(each.split("=") for each in options.dose)
    made = service("medicines").add(options.name, options.form, options.strength, options.price, doses, minimum=Decimal(options.minimum))
    yield f"{made.id} {made.name}"


def stock(practice: Practice, options: Namespace) -> Iterable[str]:
    """what is on the shelf"""
    rows = [(row.medicine, row.level, row.minimum, row.next_expiry or "-") for row in service("stocklist").rows()]
    return table(("medicine", "level", "minimum", "expires"), rows, right=(1, 2))


def invoice(practice: Practice, options: Namespace) -> Iterable[str]:
    """make the invoice of an owner"""
    made = service("invoices").make(options.owner)
    yield f"{made.id} {made.number} {show(made.gross, current().currency)}"


def pay(practice: Practice, options: Namespace) -> Iterable[str]:
    """take cash or charge a card"""
    if options.card:
        payment = service("takings").card(options.invoice, options.card)
        yield f"{payment.id} {show(payment.amount)} {payment.receipt}"
    else:
        yield f"change {show(service('takings').cash(options.invoice, options.cash))}"


def owed(practice: Practice, options: Namespace) -> Iterable[str]:
    """who owes what"""
    for owner, amount in service("balances").debtors(clock.today()).items():
        yield f"{owner} {service('owners').get(owner).name} {show(amount, current().currency)}"


def run(practice: Practice, options: Namespace) -> Iterable[str]:
    """the jobs of the morning or the evening"""
    counts = jobs.morning(practice) if options.when == "morning" else jobs.evening(practice)
    return [f"{name} {number}" for name, number in counts.items()]


def export(practice: Practice, options: Namespace) -> Iterable[str]:
    """write an export"""
    yield getattr(service("exports"), options.what)()


def request(practice: Practice, options: Namespace) -> Iterable[str]:
    """answer the requests of a file, one JSON object per line"""
    for line in Path(options.file).read_text(encoding="utf-8").splitlines():
        yield json.dumps(api.handle(practice, json.loads(line)), sort_keys=True)


def verify(practice: Practice, options: Namespace) -> Iterable[str]:
    """check the journal"""
    yield f"{journal.verify()} entries, {', '.join(db().collections())}"


Command = Callable[[Practice, Namespace], Iterable[str]]
Arguments = list[tuple[str, dict[str, Any]]]
COMMANDS: dict[str, tuple[Command, Arguments]] = {
    "register": (register, [("name", {}), ("--mail", {"default": ""}), ("--phone", {"default": ""})]),
    "admit": (admit, [("owner", {}), ("name", {}), ("species", {}), ("--born", {"default": ""}), ("--chip", {"default": ""})]),
    "hire": (hire, [("name", {}), ("role", {}), ("mail", {}), ("--days", {"default": "mon,tue,wed,thu,fri"})]),
    "suggest": (suggest, [("reason", {})]),
    "book": (book, [("animal", {}), ("vet", {}), ("start", {}), ("reason", {})]),
    "cancel": (cancel, [("appointment", {})]),
    "day": (day, [("--day", {"default": ""})]),
    "medicine": (
        medicine,
        [("name", {}), ("form", {}), ("strength", {}), ("price", {}), ("dose", {"nargs": "+"}), ("--minimum", {"default": "0"})],
    ),
    "receive": (receive, [("medicine", {}), ("batch", {}), ("expires", {}), ("units", {})]),
    "stock": (stock, []),
    "invoice": (invoice, [("owner", {})]),
    "pay": (pay, [("invoice", {}), ("--cash", {"default": "0"}), ("--card", {"default": ""})]),
    "owed": (owed, []),
    "run": (run, [("when", {"choices": ["morning", "evening"]})]),
    "export": (export, [("what", {"choices": ["invoices", "payments", "animals", "protection", "notes"]})]),
    "request": (request, [("file", {})]),
    "verify": (verify, []),
}
