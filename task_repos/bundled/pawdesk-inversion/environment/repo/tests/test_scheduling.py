"""Rosters, rooms, appointments, the waiting list, reminders."""

from datetime import date, datetime, timedelta

import pytest

from pawdesk.errors import Conflict, Refused
from pawdesk.infra import clock, mailer, texts

NINE = datetime(2026, 3, 2, 9, 0)


def test_vets_rooms_and_animals_must_be_free(practice, cast):
    first = practice.appointments.book(cast.bello.id, cast.vet.id, NINE, "checkup")
    with pytest.raises(Conflict):
        practice.appointments.book(cast.mia.id, cast.vet.id, NINE, "checkup")
    second = practice.appointments.book(cast.mia.id, cast.other.id, NINE, "checkup")
    assert {first.room, second.room} == {"Room 1", "Room 2"}
    with pytest.raises(Refused):
        practice.appointments.book(cast.mia.id, cast.vet.id, NINE + timedelta(minutes=20), "checkup")
    with pytest.raises(Conflict):
        practice.appointments.book(cast.mia.id, cast.other.id, datetime(2026, 3, 3, 9, 0), "checkup")


def test_suggestions_leave_lunch_alone(practice, cast):
    found = practice.appointments.suggest("surgery", cast.vet.id, days=0, wanted=100)
    assert found[0] == (datetime(2026, 3, 2, 8, 0), cast.vet.id)
    assert not [at for at, _ in found if at.hour == 12]


def test_cancelled_times_are_offered(practice, cast):
    made = practice.appointments.book(cast.bello.id, cast.vet.id, datetime(2026, 3, 3, 10, 0), "checkup")
    practice.waitlist.enter(cast.hops.id, "checkup", date(2026, 3, 10))
    practice.appointments.cancel(made.id)
    offer = practice.waitlist.offers()[0]
    assert offer.code in texts.sent()[-1]["text"]
    appointment = practice.waitlist.accept(offer.code)
    assert practice.appointments.get(appointment).animal == cast.hops.id
    assert practice.waitlist.wishes() == []


def test_who_does_not_come_pays(practice, cast):
    practice.appointments.book(cast.bello.id, cast.vet.id, NINE, "checkup")
    clock.advance(hours=2)
    assert [each.state for each in practice.appointments.sweep()] == ["missed"]
    assert practice.balances.of_owner(cast.ada.id) == 25


def test_reminders_are_sent_once(practice, cast):
    practice.appointments.book(cast.bello.id, cast.vet.id, datetime(2026, 3, 4, 9, 0), "surgery")
    assert (practice.reminders.remind(), practice.reminders.remind()) == (1, 0)
    assert "do not feed Bello" in mailer.outbox()[-1]["body"]
    assert practice.reminders.recall() == 2


def test_absences_close_the_calendar(practice, cast):
    practice.rosters.absent(cast.vet.id, date(2026, 3, 3), date(2026, 3, 5), "holiday")
    assert [member.id for member in practice.rosters.on_duty(date(2026, 3, 4))] == [cast.other.id]
    assert len(practice.rosters.gaps(date(2026, 3, 2), date(2026, 3, 7))) == 3
    practice.rooms.close("Room 1", NINE, "paint")
    assert practice.rooms.names() == ["Room 2"]
    clock.advance(hours=2)
    assert practice.rooms.names() == ["Room 1", "Room 2"]
