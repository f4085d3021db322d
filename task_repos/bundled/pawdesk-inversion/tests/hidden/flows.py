"""Days in a practice, told through its entry points alone; what they leave in the folder was recorded before the change.

Each flow opens the folder anew for every moment, so that nothing but the settings fixes time and chance. What is not to be
guessed is masked; the folder is read without the package.
"""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pawdesk import open_practice
from pawdesk.api import handle
from pawdesk.cli.main import main
from pawdesk.jobs import evening, morning

Flow = Callable[[Path], list[str]]
FLOWS: dict[str, Flow] = {}
SECRET = ("code", "slip", "reference", "key", "voucher")
DAYS = ("mon", "tue", "wed", "thu", "fri")
day = date.fromisoformat
moment = datetime.fromisoformat


def flow(function: Flow) -> Flow:
    FLOWS[function.__name__] = function
    return function


@contextlib.contextmanager
def at(folder: Path, when: str, **changes: Any) -> Iterator[Any]:
    """The practice of a folder at a moment, with one room."""
    with open_practice(folder, clock=f"2026-{when}:00", seed=5, rooms=("Room 1",), **changes) as practice:
        yield practice


def documents(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    link = sqlite3.connect(folder / "pawdesk.db")
    rows = link.execute("select collection, body from documents order by collection, id").fetchall()
    series = link.execute("select name, value from series order by name").fetchall()
    link.close()
    found = [(collection, json.loads(body)) for collection, body in rows if collection not in ("prices", "migrations")]
    return [*found, *(("series", {"name": name, "value": value}) for name, value in series)]


def secrets_of(found: list[tuple[str, dict[str, Any]]]) -> dict[str, str]:
    """What is not to be guessed, with the mask for it."""
    masks = {body[name]: f"<{name}>" for _, body in found for name in SECRET if len(str(body.get(name, ""))) >= 5}
    masks.update({body["number"]: "<number>" for kind, body in found if kind == "prescriptions"})
    return masks


def left(folder: Path, *results: object) -> list[str]:
    """What a folder holds and what calls gave back, masked, line by line."""
    found = documents(folder)
    masks = secrets_of(found)
    lines = [f"{kind} {json.dumps({**body, 'clerk': ''} if kind == 'claims' else body, sort_keys=True)}" for kind, body in found]
    entries = [json.loads(line) for line in (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    lines += [f"journal {each['number']} {each['at']} {each['action']} {json.dumps(each['facts'], sort_keys=True)}" for each in entries]
    for path in sorted(path for name in ("mail", "print", "lab", "files") for path in (folder / name).rglob("*") if path.is_file()):
        lines += [f"{path.relative_to(folder).as_posix()} {line}" for line in path.read_text(encoding="utf-8").splitlines()]
    for name in ("texts.jsonl", "cards.jsonl"):
        if (folder / name).exists():
            lines += [f"{name} {line}" for line in (folder / name).read_text(encoding="utf-8").splitlines()]
    lines += [repr(result) for result in results]
    for secret, mask in masks.items():
        lines = [line.replace(str(secret), mask) for line in lines if secret]
    return lines


def people(practice: Any) -> None:
    """Dr. Vane and Nan; Ada with Bello and Mia, Bob with Hops."""
    practice.rosters.hire("Dr. Vane", "vet", "vane@paws.example", DAYS, skills=("surgery",))
    practice.rosters.hire("Nan", "nurse", "", DAYS, "07:00", "16:00")
    practice.owners.register("Ada Moore", "ada@example.org", street="1 Lane", town="Ashford")
    practice.owners.register("Bob Field", phone="+44 20 7946 0001", channel="text")
    practice.animals.admit("own-0001", "Bello", "dog", day("2021-05-17"), chip="276098100000001")
    practice.animals.admit("own-0001", "Mia", "cat", day("2025-12-01"))
    practice.animals.admit("own-0002", "Hops", "rabbit")


@flow
def patients(folder: Path) -> list[str]:
    with at(folder, "03-02T08:00") as practice:
        people(practice)
        practice.owners.change("own-0001", town="Dover", phone="020 1")
        practice.owners.new_code("own-0002")
        practice.weights.note("ani-0001", "30.0", day("2026-02-20"))
        practice.weights.note("ani-0001", "34")
        practice.animals.admit("own-0001", "Belo", "dog")
        practice.weights.note("ani-0004", "33")
        note = practice.records.write("ani-0004", "finding", "left leg", "Vane")
    with at(folder, "03-05T09:30") as practice:
        practice.records.correct(note.id, "right leg", "Ilk")
        practice.animals.merge("ani-0001", "ani-0004")
        practice.animals.hand_over("ani-0002", "own-0002")
        practice.animals.chip("ani-0002", "276098100000002")
        practice.records.print_record("ani-0001")
        practice.animals.died("ani-0003")
        ages = [practice.animals.age(each) for each in ("ani-0001", "ani-0002", "ani-0003")]
        return left(folder, ages, practice.weights.trend_of("ani-0001"), practice.vaccinations.due("ani-0002", day("2026-12-31")))


@flow
def pharmacy(folder: Path) -> list[str]:
    with at(folder, "03-02T08:00") as practice:
        people(practice)
        practice.medicines.add("Pharmox", "tablet", "250", "0.80", {"dog": "20"}, minimum=Decimal(10))
        practice.medicines.add("Pharmorph", "ml", "10", "4.00", {"dog": "0.5"}, controlled=True, withdrawal_days=3)
        practice.stock.receive("Pharmox", "A1", day("2026-06-01"), 20, "0.30")
        practice.stock.receive("Pharmox", "A2", day("2026-04-01"), 12, "0.25")
        practice.stock.receive("Pharmorph", "M1", day("2027-01-01"), 30)
        practice.controlled.enter("Pharmorph", 30, "sta-0001", "sta-0002", "delivery")
        practice.stock.put_back(practice.stock.take("Pharmox", 1, "slip"))
        practice.stock.take("Pharmox", 25, "visit")
        practice.controlled.dispense("Pharmorph", "1.5", "sta-0001", "sta-0002", "pain")
        practice.controlled.count("Pharmorph", "28", "sta-0001", "sta-0002")
        practice.purchasing.send()
    with at(folder, "03-09T08:00") as practice:
        late = practice.purchasing.late()
        practice.purchasing.deliver("ord-0001", {"Pharmox": ("A3", day("2027-01-01"))}, {"Pharmox": Decimal("0.20")})
        practice.weights.note("ani-0001", "30.0")
        dose = practice.medicines.dose_for("Pharmox", "ani-0001", 7)
        practice.labels.print_label("ani-0001", dose, 7, copies=2)
        practice.medicines.reprice("Pharmox", "0.95")
        practice.controlled.print_book("Pharmorph", 2026)
    with at(folder, "04-02T08:00") as practice:
        lost = practice.stock.discard_expired()
        practice.stocklist.print_list()
        return left(folder, dose, lost, len(late), practice.stocklist.short(), practice.stocklist.mismatches())


@flow
def scheduling(folder: Path) -> list[str]:
    with at(folder, "03-02T08:00") as practice:
        people(practice)
        free = practice.appointments.suggest("surgery", days=1)
        practice.appointments.book("ani-0001", "sta-0001", moment("2026-03-02T09:00"), "checkup")
        practice.appointments.book("ani-0002", "sta-0001", moment("2026-03-03T10:00"), "surgery")
        practice.appointments.book("ani-0003", "sta-0001", moment("2026-03-04T10:00"), "vaccination")
        practice.waitlist.enter("ani-0001", "imaging", day("2026-03-10"))
        practice.waitlist.enter("ani-0003", "checkup", day("2026-03-10"), urgent=True)
        practice.appointments.move("app-0002", moment("2026-03-03T14:00"))
        practice.reminders.remind()
    with at(folder, "03-02T13:30") as practice:
        missed = practice.appointments.sweep()
        expired = practice.waitlist.expire()
        practice.appointments.cancel("app-0002")
        offers = practice.waitlist.offers()
        practice.waitlist.accept(offers[-1].code)
    with at(folder, "03-04T07:00") as practice:
        practice.appointments.cancel("app-0003")
        practice.rosters.absent("sta-0001", day("2026-03-05"), day("2026-03-06"), "holiday")
        practice.rosters.extra("sta-0001", moment("2026-03-07T09:00"), moment("2026-03-07T12:00"))
        practice.rooms.close("Room 1", moment("2026-03-04T12:00"), "paint")
        gaps = practice.rosters.gaps(day("2026-03-05"), day("2026-03-07"))
        practice.reminders.recall()
        practice.daysheet.mail_sheet(day("2026-03-04"))
        return left(folder, free, [each.id for each in missed], expired, gaps, practice.rooms.names())


@flow
def treatment(folder: Path) -> list[str]:
    with at(folder, "03-02T08:00") as practice:
        people(practice)
        practice.medicines.add("Treatox", "tablet", "250", "0.80", {"dog": "20"})
        practice.medicines.add("Treatmorph", "ml", "10", "4.00", {"dog": "0.5"}, controlled=True)
        practice.medicines.add("vaccine rabies", "dose", "1", "12.00", {"dog": "1"})
        for name in ("Treatox", "Treatmorph", "vaccine rabies"):
            practice.stock.receive(name, f"{name[:2]}1", day("2027-01-01"), 40)
        practice.controlled.enter("Treatmorph", 40, "sta-0001", "sta-0002", "delivery")
        practice.weights.note("ani-0001", "30")
        practice.vaccinations.give("ani-0001", "rabies", "va1", "Vane")
        practice.vaccinations.print_pass("ani-0001")
        practice.visits.begin("ani-0001", "sta-0001", "limps")
        practice.visits.act("vis-0001", "CONSULT")
        practice.visits.act("vis-0001", "VACC", 2)
        practice.visits.act("vis-0001", "CHIP")
        practice.visits.undo("vis-0001", 3)
        practice.prescriptions.issue("ani-0001", "Treatox", 4, "sta-0001", repeats=1)
        practice.prescriptions.dispense("pre-0001")
        practice.prescriptions.print_script("pre-0001")
        practice.visits.close("vis-0001", "sprain", "Vane")
        follow = practice.visits.follow_up("vis-0001", 7)
        practice.lab.order("ani-0001", "kidney", "Vane")
        practice.imaging.store("ani-0001", "xray", "thorax", b"bones", "Vane")
        practice.ward.admit("ani-0003", "flu", isolated=True)
        practice.theatre.plan("ani-0001", "sta-0001", "sta-0002", "spleen", moment("2026-03-02T09:00"))
        for item in ("consent signed", "fasted", "weight fresh", "second person", "swabs counted"):
            practice.theatre.check("ope-0001", item)
    with at(folder, "03-02T09:00") as practice:
        practice.theatre.begin("ope-0001", "Treatmorph", 2, 10)
        alarms = practice.theatre.read("ope-0001", 120, 88, "38.1")
    with at(folder, "03-04T09:40") as practice:
        practice.theatre.end("ope-0001", 10, "all well")
        late = [order.panel for order in practice.lab.overdue(24)]
        return left(folder, follow, alarms, late)


@flow
def billing(folder: Path) -> list[str]:
    with at(folder, "03-02T08:00", dunning_fee="4.00") as practice:
        people(practice)
        practice.charges.add("own-0001", "ani-0001", "operation", "238.00", source="ope-0001")
        practice.charges.add("own-0002", "ani-0003", "nails", "9.50", source="vis-0001")
        first, second = practice.invoices.make_all()
        practice.insurance.insure("ani-0001", "claims@insure.example", "X-1", "0.8", "38", "1000")
        claim = practice.insurance.claim("ani-0001", first.id)
        change = practice.takings.cash(second.id, "20")
        practice.takings.transfer(f"{first.reference};50.00\nNOBODY;1\n")
        practice.prices.change("CONSULT", "30.00", day("2026-03-03"))
        practice.takings.close_day()
    with at(folder, "03-25T18:00", dunning_fee="4.00") as practice:
        practice.dunning.run()
        practice.insurance.answer(claim.key, "100")
        practice.plans.agree(first.id, 2)
        practice.prices.print_list()
    with at(folder, "04-20T18:00", dunning_fee="4.00") as practice:
        states = [plan.state for plan in practice.plans.review()]
        levels = [step.level for step in practice.dunning.run()]
        payment = practice.takings.card(first.id, "4111000000007781")
        practice.takings.refund(payment.id, "8.00")
        return left(folder, change, states, levels, practice.balances.of_owner("own-0001"))


@flow
def reporting(folder: Path) -> list[str]:
    with at(folder, "03-02T08:00", plugins=["birthdays", "loyalty", "alarms"]) as practice:
        people(practice)
        practice.visits.begin("ani-0001", "sta-0001")
        practice.visits.act("vis-0001", "DENTAL")
        practice.visits.close("vis-0001", "tartar, much of it", "Vane")
        practice.appointments.book("ani-0002", "sta-0001", moment("2026-03-02T10:00"), "checkup")
        sheet = practice.daysheet.lines()
        made = [morning(practice), evening(practice)]
        practice.takings.transfer(f"{practice.invoices.get('inv-0001').reference};140.00\n")
    with at(folder, "05-17T08:00", plugins=["birthdays", "loyalty", "alarms"]) as practice:
        made.append(morning(practice))
        names = [getattr(practice.exports, each)() for each in ("invoices", "payments", "animals", "protection", "notes")]
        practice.revenue.print_year()
        practice.revenue.mail_month("books@example.org", day("2026-03-31"))
        kinds = practice.revenue.by_kind(day("2026-03-01"), day("2026-03-31"))
        vets = practice.revenue.by_vet(day("2026-03-01"), day("2026-03-31"))
        return left(folder, sheet, made, names, kinds, vets, practice.daysheet.utilisation(day("2026-03-02")))


@flow
def entry_points(folder: Path) -> list[str]:
    lines = []
    for words in (
        ("register", "Ada Moore", "--mail", "ada@example.org"),
        ("admit", "own-0001", "Bello", "dog", "--born", "2021-05-17"),
        ("hire", "Dr. Vane", "vet", "vane@paws.example"),
        ("suggest", "checkup"),
        ("book", "ani-0001", "sta-0001", "2026-03-02T09:00", "checkup"),
        ("day",),
        ("medicine", "Entryox", "tablet", "250", "0.80", "dog=20", "cat=15", "--minimum", "5"),
        ("receive", "Entryox", "A1", "2026-06-01", "20"),
        ("stock",),
        ("invoice", "own-0001"),
        ("cancel", "app-0001"),
        ("invoice", "own-0001"),
        ("pay", "inv-0001", "--cash", "30"),
        ("owed",),
        ("export", "animals"),
        ("run", "evening"),
        ("verify",),
    ):
        out = io.StringIO()
        (folder / "pawdesk.toml").write_text('rooms = ["Room 1"]\n', encoding="utf-8")
        code = main(["--folder", str(folder), "--clock", "2026-03-02T08:00:00", "--seed", "5", *words], out)
        lines += [f"{code} {line}" for line in out.getvalue().splitlines()]
    with at(folder, "03-03T08:00") as practice:
        answers = [
            handle(practice, {"do": "visits.begin", "with": {"animal_id": "ani-0001", "vet": "sta-0001"}, "by": "web"}),
            handle(practice, {"do": "visits.act", "with": {"visit_id": "vis-0001", "code": "CONSULT", "times": 2}}),
            handle(practice, {"do": "visits.close", "with": {"visit_id": "vis-0001", "diagnosis": "", "signed": "Vane"}}),
            handle(practice, {"do": "charges.open_of", "with": {"owner_id": "own-0001"}}),
            handle(practice, {"do": "rosters.absent", "with": {"member_id": "sta-0001", "first": "2026-03-03", "last": "2026-03-04", "reason": "fun"}}),
            handle(practice, {"do": "invoices.make", "with": {"owner": "own-0001"}}),
            handle(practice, {"do": "invoices.settle", "with": {}}),
            handle(practice, {"do": "owners.get", "with": {"owner_id": "own-0009"}}),
        ]
    return left(folder, *lines, *answers)
