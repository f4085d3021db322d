"""Sections 1, 4 and 5: practices put together from ports, several in one process, with time and chance of their own."""

from __future__ import annotations

import importlib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fakes
import pytest
import source_tree

import pawdesk
from pawdesk.errors import Declined, NotFound, OutOfStock, Refused

WEEK = ("mon", "tue", "wed", "thu", "fri")
PORTS = ("clock", "chance", "store", "mail", "texts", "payments", "printer", "journal", "files", "exchange", "events", "screen", "copies")


def wired(folder: Path | None = None, settings: dict[str, Any] | None = None, **ports: Any) -> Any:
    """A practice on the watch of the test."""
    from pawdesk.wiring import wire

    ports.setdefault("clock", fakes.Watch("2026-03-02T08:00:00"))
    return wire(pawdesk.Settings(**(settings or {})), folder, **ports)


def staffed(practice: Any) -> Any:
    """The practice with a vet, a nurse, Ada and her dog."""
    practice.rosters.hire("Dr. Vane", "vet", "vane@paws.example", WEEK)
    practice.rosters.hire("Nan", "nurse", "", WEEK)
    practice.owners.register("Ada Moore", "ada@example.org")
    practice.animals.admit("own-0001", "Bello", "dog", date(2021, 5, 17))
    return practice


def test_ports_are_attributes_of_a_practice() -> None:
    """Each under the name of its parameter, the very object that was given."""
    given = {"clock": fakes.Watch("2026-03-02T08:00:00"), "mail": fakes.Letters(), "events": fakes.Ears(), "copies": fakes.Drawer()}
    with wired(**given) as practice:
        assert {name: getattr(practice, name) for name in given} == given
        assert [name for name in PORTS if getattr(practice, name) is None] == []
        assert practice.now() == datetime(2026, 3, 2, 8, 0)
        assert all(type(getattr(practice, name)).__name__ == place.split(":")[1] for name, place in source_tree.SERVICES.items())


def test_letters_texts_and_pages_go_to_the_ports_given() -> None:
    mail, texts, printer, events = fakes.Letters(), fakes.Telephones(), fakes.Pages(), fakes.Ears()
    with staffed(wired(mail=mail, texts=texts, printer=printer, events=events)) as practice:
        practice.owners.register("Bob Field", phone="020 1", channel="text")
        practice.appointments.book("ani-0001", "sta-0001", datetime(2026, 3, 2, 9, 0), "checkup")
        practice.daysheet.print_sheet()
    assert mail.sent == [("ada@example.org", "Welcome to Paws & Co"), ("ada@example.org", "Appointment for Bello")]
    assert [number for number, _ in texts.sent] == ["020 1"]
    assert printer.titles == [("office", "DAY SHEET")]
    told = [name for name in events.heard if name in ("owner.registered", "animal.admitted", "appointment.booked")]
    assert told == ["owner.registered", "animal.admitted", "owner.registered", "appointment.booked"]


def test_money_goes_through_the_terminal_given() -> None:
    bank, diary, clock = fakes.Bank(), fakes.Diary(), fakes.Watch("2026-03-02T08:00:00")
    with staffed(wired(payments=bank, journal=diary, clock=clock)) as practice:
        practice.charges.add("own-0001", "ani-0001", "nails", "9.50")
        invoice = practice.invoices.make("own-0001")
        with pytest.raises(Declined):
            practice.takings.card(invoice.id, "4111000000001234")
        practice.takings.cash(invoice.id, "0.50")
        payment = practice.takings.card(invoice.id, "4111000000001234")
        practice.takings.refund(payment.id, "4")
        with pytest.raises(Refused):
            practice.takings.card(invoice.id, "4111000000001234")
        clock.wait(seconds=121)
        assert practice.takings.card(invoice.id, "4111000000001234").amount == 4
    assert bank.slips == [("charge", "9.00"), ("slip 1", "4.00"), ("charge", "4.00")]
    assert len(diary.entries("payment.declined")) == 1
    assert len(diary.entries("payment.noted")) == 4


def test_the_laboratory_and_files_are_ports() -> None:
    """Keys of eight and sixteen signs come from chance, orders and pictures go where they were told to."""
    lab, files, chance, mail = fakes.Laboratory(), fakes.Drawer(), fakes.Loaded(), fakes.Letters()
    with staffed(wired(exchange=lab, files=files, chance=chance, mail=mail)) as practice:
        chance.lengths.clear()
        order = practice.lab.order("ani-0001", "kidney", "Vane")
        assert (chance.lengths, order.key) == ([8], "00000001")
        assert [name for name, _ in lab.orders] == ["00000001.txt"]
        lab.results.append(("r.txt", "RES|00000001\nVAL|crea|4.0\n"))
        assert practice.lab.fetch()[0].values[0].flag == "high!"
        picture = practice.imaging.store("ani-0001", "photo", "ear", b"ear", "Vane")
        assert list(files.held.values()) == [b"ear"]
        chance.lengths.clear()
        link = practice.imaging.refer(picture.id, "x@example.org", "?")
        assert (chance.lengths, len(link.key)) == ([16], 16)
        assert practice.imaging.fetch(link.key) == b"ear"
    assert mail.sent[-1][0] == "x@example.org"


def test_chance_picks_among_the_quietest_rooms() -> None:
    chance = fakes.Loaded()
    with staffed(wired(chance=chance, settings={"rooms": ("A", "B", "C")})) as practice:
        first = practice.appointments.book("ani-0001", "sta-0001", datetime(2026, 3, 2, 9, 0), "checkup")
        second = practice.appointments.book("ani-0001", "sta-0001", datetime(2026, 3, 2, 10, 0), "checkup")
    assert (first.room, second.room) == ("C", "B")
    assert chance.choices == [["A", "B", "C"], ["A", "B"]]


def test_equal_seeds_give_equal_days() -> None:
    """Rooms, codes, laboratory keys and links are the same again, whatever happened in between."""

    def day() -> list[str]:
        with pawdesk.open_practice(clock="2026-03-02T08:00:00", seed=11, rooms=("A", "B", "C", "D")) as practice:
            staffed(practice)
            booked = [practice.appointments.book("ani-0001", "sta-0001", datetime(2026, 3, 2, hour), "checkup") for hour in (9, 10, 11)]
            order = practice.lab.order("ani-0001", "liver", "Vane")
            picture = practice.imaging.store("ani-0001", "photo", "ear", b"ear", "Vane")
            link = practice.imaging.refer(picture.id, "x@example.org", "?")
            return [*(each.room + each.code for each in booked), order.key, link.key]

    first = day()
    assert day() == first
    assert len(set(first)) == 5


def test_the_front_desk_lives_by_the_clock_of_the_practice() -> None:
    """Fixed on a Monday in March, whatever day it is outside."""
    clock = fakes.Watch("2026-03-02T09:00:00")
    with staffed(wired(clock=clock)) as practice:
        code = practice.appointments.book("ani-0001", "sta-0001", datetime(2026, 3, 2, 9, 30), "checkup").code
        green = practice.frontdesk.check_in(code)
        assert (green.came, green.expected) == (datetime(2026, 3, 2, 9, 0), datetime(2026, 3, 2, 9, 30))
        other = practice.animals.admit("own-0001", "Mia", "cat")
        orange = practice.frontdesk.walk_in(other.id, "orange")
        assert [ticket.id for ticket in practice.frontdesk.waiting()] == [orange.id, green.id]
        assert practice.frontdesk.minutes_to_wait(green.id) == 15
        clock.wait(minutes=29)
        assert practice.frontdesk.call_next("sta-0001").id == orange.id
        clock.wait(days=5)
        with pytest.raises(Refused):
            practice.frontdesk.call_next("sta-0001")


def test_the_ward_lives_by_the_clock_of_the_practice() -> None:
    clock = fakes.Watch("2026-03-02T08:00:00")
    with staffed(wired(clock=clock)) as practice:
        stay = practice.ward.admit("ani-0001", "watch")
        practice.ward.order(stay.id, "water", 4)
        clock.wait(hours=5)
        assert practice.ward.todo() == [(datetime(2026, 3, 2, 12, 0), stay.id, "water")]
        practice.ward.done(stay.id, "water", "Nan")
        seen = practice.ward.observe(stay.id, "Nan", "sleeps").seen
        assert [each.at for each in seen] == [datetime(2026, 3, 2, 13, 0)]
        assert practice.ward.todo() == []
        assert practice.ward.get(stay.id).tasks[0].last == datetime(2026, 3, 2, 13, 0)


def test_notes_charges_and_owners_are_dated_by_their_own_practice() -> None:
    """Two practices in different years, used in turn."""
    with wired() as now, wired(clock=fakes.Watch("2031-07-01T10:00:00")) as later:
        for practice in (now, later):
            staffed(practice)
        for practice in (later, now, later):
            practice.records.write("ani-0001", "phone", "call", "Nan")
            practice.charges.add("own-0001", "ani-0001", "call", "1")
        assert now.owners.get("own-0001").since == date(2026, 3, 2)
        assert later.owners.get("own-0001").since == date(2031, 7, 1)
        assert [note.written.year for note in later.records.of_animal("ani-0001")] == [2031, 2031]
        assert [charge.day for charge in now.charges.open_of("own-0001")] == [date(2026, 3, 2)]
        assert (now.animals.age("ani-0001"), later.animals.age("ani-0001")) == ("4 years", "10 years")


def test_practices_do_not_notice_each_other() -> None:
    """Settings, prices, medicines, cards, kennels and documents are each practice's own."""
    with wired(settings={"tax_rate": Decimal("0.07"), "kennels": 1}) as small, wired(settings={"currency": "CHF"}) as large:
        for practice, price in ((small, "1.00"), (large, "2.00")):
            staffed(practice)
            practice.medicines.add("Twinox", "tablet", "250", price, {"dog": "20"})
        small.medicines.reprice("Twinox", "3.00")
        small.prices.change("CONSULT", "99.00", date(2026, 3, 3))
        assert (small.medicines.get("Twinox").price, large.medicines.get("Twinox").price) == (Decimal("3.00"), Decimal("2.00"))
        small.clock.wait(days=1)
        assert (small.prices.amount("CONSULT", 1), large.prices.amount("CONSULT", 1)) == (Decimal("99.00"), Decimal("28.00"))
        invoices = {}
        for practice in (small, large):
            practice.charges.add("own-0001", "ani-0001", "operation", "107.00")
            invoices[practice.settings.currency] = practice.invoices.make("own-0001")
            practice.takings.card("inv-0001", "4111000000005555")
            practice.ward.admit("ani-0001", "watch")
        assert {name: invoice.tax for name, invoice in invoices.items()} == {"EUR": Decimal("7.00"), "CHF": Decimal("17.08")}
        assert (len(small.ward.free()), len(large.ward.free())) == (0, 5)
        large.owners.register("Bob Field", "bob@example.org")
        with pytest.raises(NotFound):
            small.owners.get("own-0002")
        assert (small.verify(), large.verify()) == (len(small.journal.entries()), len(large.journal.entries()))


def test_listeners_hear_their_own_practice() -> None:
    heard: list[str] = []
    with pawdesk.open_practice(clock="2026-03-02T08:00:00") as one, pawdesk.open_practice(clock="2026-03-02T08:00:00") as two:
        one.subscribe("owner.registered", lambda **facts: heard.append("one"))
        two.subscribe("*", lambda event, **facts: heard.append(event))
        one.owners.register("Ada Moore", "ada@example.org")
        two.owners.register("Bob Field", "bob@example.org")
        two.close()
        one.owners.register("Cy Reed", "cy@example.org")
    assert heard == ["one", "owner.registered", "one"]


def test_services_learn_of_each_other_without_names() -> None:
    """What ran in circles still does: deaths, merges, low stock, freed times."""
    with staffed(wired()) as practice:
        practice.animals.admit("own-0001", "Mia", "cat")
        practice.appointments.book("ani-0002", "sta-0001", datetime(2026, 3, 4, 9, 0), "checkup")
        practice.waitlist.enter("ani-0002", "imaging", date(2026, 3, 9))
        practice.waitlist.enter("ani-0001", "checkup", date(2026, 3, 9))
        practice.animals.died("ani-0002")
        assert [each.state for each in practice.appointments.of_animal("ani-0002")] == ["cancelled"]
        assert [wish.animal for wish in practice.waitlist.wishes()] == ["ani-0001"]
        practice.medicines.add("Lowox", "tablet", "250", "1", {"dog": "20"}, minimum=Decimal(5))
        practice.stock.receive("Lowox", "L1", date(2027, 1, 1), 6)
        practice.stock.take("Lowox", 2, "visit")
        assert [line.medicine for line in practice.purchasing.open_order().lines] == ["Lowox"]
        with pytest.raises(OutOfStock):
            practice.stock.take("Lowox", 7, "visit")
        twin = practice.animals.admit("own-0001", "Belo", "dog")
        made = practice.appointments.book(twin.id, "sta-0001", datetime(2026, 3, 5, 9, 0), "checkup")
        practice.animals.merge("ani-0001", twin.id)
        practice.appointments.cancel(made.id)
        assert practice.appointments.get(made.id).animal == "ani-0001"
        assert [offer.start for offer in practice.waitlist.offers()] == [datetime(2026, 3, 5, 9, 0)]


def test_services_need_their_ports() -> None:
    """None of them works, or is made, without what it needs."""
    for place in source_tree.SERVICES.values():
        module, _, kind = place.partition(":")
        with pytest.raises(TypeError):
            getattr(importlib.import_module(f"pawdesk.{module}"), kind)()


def test_claims_copies_and_the_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What came from the machine comes from settings and ports."""
    copies, wall = fakes.Drawer(), fakes.Wall()
    with staffed(wired(copies=copies, screen=wall, settings={"clerk": "Nan"})) as practice:
        practice.charges.add("own-0001", "ani-0001", "operation", "100.00")
        practice.invoices.make("own-0001")
        practice.insurance.insure("ani-0001", "claims@insure.example", "X", "0.5", "0", "500")
        assert practice.insurance.claim("ani-0001", "inv-0001").clerk == "Nan"
        practice.daysheet.show()
        assert wall.lines[0] == "Monday, 02 March 2026"
        assert list(copies.held) == []
        name = practice.exports.animals()
        assert list(copies.held) == [name]
    assert capsys.readouterr().out == ""
    with staffed(wired(settings={"export_folder": str(tmp_path)})) as practice:
        practice.exports.animals()
        practice.daysheet.show()
    assert [path.name for path in tmp_path.iterdir()] == ["animals-2026-03-02.csv"]
    assert capsys.readouterr().out.startswith("Monday, 02 March 2026\n")


def test_opening_reads_the_surroundings_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """open_practice fills clerk and export_folder; what the settings say goes before."""
    monkeypatch.setenv("USER", "nan")
    monkeypatch.setenv("PAWDESK_EXPORTS", str(tmp_path))
    with pawdesk.open_practice(clock="2026-03-02T08:00:00") as practice:
        monkeypatch.delenv("PAWDESK_EXPORTS")
        assert (practice.settings.clerk, practice.settings.export_folder) == ("nan", str(tmp_path))
        practice.exports.notes()
    assert [path.name for path in tmp_path.iterdir()] == ["notes-2026-03-02.csv"]
    with pawdesk.open_practice(clerk="Ann") as practice:
        assert (practice.settings.clerk, practice.settings.export_folder) == ("Ann", "")
    with wired() as practice:
        assert practice.settings.clerk == ""


def test_adapters_stand_on_their_own(tmp_path: Path) -> None:
    """Section 1: classes where they are asked for, journals with a clock of their own, events by practice."""
    from pawdesk.adapters.clock import FixedClock
    from pawdesk.adapters.events import EventBus
    from pawdesk.adapters.journal import Journal
    from pawdesk.settings import Settings, change_settings

    clock = FixedClock(datetime(2030, 1, 1, 7, 30))
    journal = Journal(tmp_path / "journal.jsonl", clock)
    journal.write("opened", door="front")
    clock.advance(hours=1)
    journal.write("closed")
    assert [each["at"] for each in Journal(tmp_path / "journal.jsonl", clock=clock).entries()] == ["2030-01-01T07:30:00", "2030-01-01T08:30:00"]
    heard: list[Any] = []
    bus, other = EventBus(), EventBus()
    bus.subscribe("a", lambda **facts: heard.append(facts))
    bus.subscribe("*", lambda event, **facts: heard.append(event))
    other.emit("a", n=1)
    bus.emit("a", n=2)
    assert heard == [{"n": 2}, "a"]
    assert change_settings(Settings(), {"opening": "07:15"}).opening.minute == 15
    assert pawdesk.Settings is Settings
    homes = {"chance": "Dice", "database": "Database", "mailer": "MailSpool", "texts": "TextSpool", "payments": "CardTerminal"}
    homes |= {"printer": "PrintSpool", "files": "FileStore", "exchange": "LabFolder", "clock": "SystemClock"}
    assert [kind for module, kind in homes.items() if not hasattr(importlib.import_module(f"pawdesk.adapters.{module}"), kind)] == []
