"""Owners, animals, weights, vaccinations, records."""

from datetime import date
from decimal import Decimal

import pytest

from pawdesk.errors import Refused
from pawdesk.infra import clock, journal, mailer, printer, texts


def test_owners_are_welcomed_by_their_channel(practice, cast):
    assert [message["subject"] for message in mailer.outbox()] == ["Welcome to Paws & Co"]
    assert cast.ada.code in mailer.outbox()[0]["body"]
    assert texts.sent()[0]["to"] == "+442079460001"
    assert practice.owners.by_code(cast.bob.code.lower()).id == cast.bob.id
    with pytest.raises(Refused):
        practice.owners.register("ada moore", "ADA@example.org")


def test_owners_leave_when_all_is_settled(practice, cast):
    with pytest.raises(Refused):
        practice.owners.leave(cast.ada.id)
    practice.charges.add(cast.bob.id, cast.hops.id, "nails", "9.00")
    practice.animals.died(cast.hops.id)
    with pytest.raises(Refused):
        practice.owners.leave(cast.bob.id)


def test_ages_and_chips(practice, cast):
    assert practice.animals.age(cast.bello.id) == "4 years"
    assert practice.animals.age(cast.mia.id) == "3 months"
    assert practice.animals.age(cast.hops.id) == "age unknown"
    with pytest.raises(Refused):
        practice.animals.chip(cast.mia.id, "276098100000001")


def test_merged_animals_keep_everything(practice, cast):
    twin = practice.animals.admit(cast.ada.id, "Belo", "dog")
    practice.weights.note(twin.id, "30.5")
    practice.records.write(twin.id, "finding", "lame", "Dr. Vane")
    practice.animals.merge(cast.bello.id, twin.id)
    assert practice.animals.get(twin.id).id == cast.bello.id
    assert [weight.kg for weight in practice.weights.history(cast.bello.id)] == [Decimal("30.5")]
    assert journal.entries("animal.moved")[0]["facts"]["documents"] == "2"


def test_weights_raise_alarms(practice, cast):
    heard = []
    practice.subscribe("weight.alarm", lambda **facts: heard.append(facts))
    practice.weights.note(cast.bello.id, "30")
    clock.advance(days=10)
    practice.weights.note(cast.bello.id, "34")
    assert heard == [{"animal": cast.bello.id, "kg": "34"}]
    assert practice.weights.for_dose(cast.bello.id) == 34
    clock.advance(days=100)
    with pytest.raises(Refused):
        practice.weights.for_dose(cast.bello.id)


def test_vaccinations(practice, cast, shelf):
    with pytest.raises(Refused):
        practice.vaccinations.give(cast.mia.id, "rabies", "V1", "Dr. Vane")
    practice.vaccinations.give(cast.bello.id, "rabies", "V1", "Dr. Vane")
    assert practice.stock.level("vaccine rabies") == 4
    assert "again 2029-03-02" in printer.printed("labels")[0]
    assert [due.disease for due in practice.vaccinations.due(cast.bello.id)] == ["distemper", "leptospirosis"]


def test_notes_are_corrected_not_changed(practice, cast):
    note = practice.records.write(cast.bello.id, "finding", "left leg", "Dr. Vane")
    practice.records.correct(note.id, "right leg", "Dr. Ilk")
    assert [each.text for each in practice.records.of_animal(cast.bello.id)] == ["right leg"]
    assert note.written.isoformat() == "2026-03-02T08:00:00"
    with pytest.raises(Refused):
        practice.records.correct(note.id, "both legs", "Dr. Ilk")
    assert practice.records.since(date(2026, 3, 2))[0].text == "left leg"
