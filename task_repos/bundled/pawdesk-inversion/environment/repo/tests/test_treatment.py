"""Visits, prescriptions, laboratory, pictures, operations, the ward."""

from datetime import datetime
from decimal import Decimal

import pytest

from pawdesk import open_practice
from pawdesk.errors import Conflict, Refused
from pawdesk.infra import clock, exchange, mailer, printer


def test_visits_are_charged_when_they_are_signed(practice, cast):
    visit = practice.visits.begin(cast.bello.id, cast.vet.id, "limps")
    practice.visits.act(visit.id, "CONSULT")
    practice.visits.act(visit.id, "VACC", 2)
    assert practice.charges.open_of(cast.ada.id) == []
    practice.visits.close(visit.id, "sprain", "Dr. Vane")
    assert [str(charge.amount) for charge in practice.charges.open_of(cast.ada.id)] == ["28.00", "44.00"]
    assert [note.kind for note in practice.records.of_animal(cast.bello.id)] == ["history", "diagnosis"]


def test_prescriptions_are_dispensed_and_labelled(practice, cast, shelf):
    practice.weights.note(cast.bello.id, "30")
    script = practice.prescriptions.issue(cast.bello.id, "Amoxi", 4, cast.vet.id, repeats=1)
    assert practice.prescriptions.dispense(script.id).left == 1
    assert "2.5 tablet a day for 4 days" in printer.printed("labels")[-1]
    assert practice.balances.of_owner(cast.ada.id) == Decimal("8.00")
    clock.advance(days=181)
    with pytest.raises(Refused):
        practice.prescriptions.dispense(script.id)


def test_results_of_the_laboratory(tmp_path):
    with open_practice(tmp_path, clock="2026-03-02T08:00:00", seed=7) as practice:
        ada = practice.owners.register("Ada Moore", "ada@example.org")
        bello = practice.animals.admit(ada.id, "Bello", "dog")
        order = practice.lab.order(bello.id, "kidney", "Dr. Vane")
        assert (tmp_path / "lab" / "out" / f"{order.key}.txt").read_text().startswith(f"ORD|{order.key}|")
        (tmp_path / "lab" / "in").mkdir()
        (tmp_path / "lab" / "in" / "a.txt").write_text(f"RES|{order.key}\nVAL|crea|4.0\nVAL|bun|20\n")
        done = practice.lab.fetch()[0]
        assert [(value.name, value.flag) for value in done.values] == [("crea", "high!"), ("bun", "")]
        assert mailer.outbox()[-1]["subject"] == "Results of Bello"
        assert exchange.collect() == []


def test_pictures_are_what_was_stored(practice, cast):
    picture = practice.imaging.store(cast.bello.id, "xray", "thorax", b"bones", "Dr. Vane")
    assert practice.imaging.data(picture.id) == b"bones"
    link = practice.imaging.refer(picture.id, "bones@example.org", "Fracture?")
    assert practice.imaging.fetch(link.key) == b"bones"
    clock.advance(days=15)
    with pytest.raises(Refused):
        practice.imaging.fetch(link.key)


def test_operations_follow_the_checklist(practice, cast, shelf):
    operation = practice.theatre.plan(cast.bello.id, cast.vet.id, cast.nurse.id, "spleen", datetime(2026, 3, 2, 9, 0))
    with pytest.raises(Refused):
        practice.theatre.begin(operation.id, "Morphidol", 1, 10)
    practice.weights.note(cast.bello.id, "30")
    for item in ("consent signed", "fasted", "weight fresh", "second person", "swabs counted"):
        practice.theatre.check(operation.id, item)
    practice.theatre.begin(operation.id, "Morphidol", 1, 10)
    assert practice.theatre.read(operation.id, 120, 88, "38.1") == ["spo2"]
    clock.advance(minutes=40)
    with pytest.raises(Refused):
        practice.theatre.end(operation.id, 9, "")
    practice.theatre.end(operation.id, 10, "all well")
    assert [str(charge.amount) for charge in practice.charges.open_of(cast.ada.id)] == ["135.00"]


def test_the_ward_keeps_isolated_animals_apart(practice, cast):
    first = practice.ward.admit(cast.bello.id, "flu", isolated=True)
    second = practice.ward.admit(cast.hops.id, "diet")
    assert (first.kennel, second.kennel) == (0, 2)
    practice.ward.admit(cast.mia.id, "watch")
    practice.ward.order(second.id, "hay", 4)
    clock.advance(hours=4)
    assert [what for _, _, what in practice.ward.todo()] == ["hay"]
    clock.advance(days=2)
    practice.ward.discharge(first.id)
    assert practice.balances.of_owner(cast.ada.id) == 96
    with pytest.raises(Conflict):
        for number in range(6):
            animal = practice.animals.admit(cast.bob.id, f"Hops {number}", "rabbit")
            practice.ward.admit(animal.id, "diet")
