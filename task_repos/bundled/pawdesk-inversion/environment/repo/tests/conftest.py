"""A small practice with staff, an owner, animals and medicines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import pytest

from pawdesk import Practice, open_practice

MONDAY = "2026-03-02T08:00:00"


@pytest.fixture
def practice() -> Iterator[Practice]:
    with open_practice(clock=MONDAY, seed=7, kennels=6) as opened:
        yield opened


@pytest.fixture
def cast(practice: Practice) -> SimpleNamespace:
    """Who is there: two vets, a nurse, Ada with Bello and Mia, Bob with Hops."""
    week = ("mon", "tue", "wed", "thu", "fri")
    vet = practice.rosters.hire("Dr. Vane", "vet", "vane@paws.example", week, skills=("surgery",))
    other = practice.rosters.hire("Dr. Ilk", "vet", "ilk@paws.example", ("mon", "wed"))
    nurse = practice.rosters.hire("Nan", "nurse", "", week)
    ada = practice.owners.register("Ada Moore", "ada@example.org", town="Ashford")
    bob = practice.owners.register("Bob Field", phone="+44 20 7946 0001", channel="text")
    bello = practice.animals.admit(ada.id, "Bello", "dog", date(2021, 5, 17), chip="276098100000001")
    mia = practice.animals.admit(ada.id, "Mia", "cat", date(2025, 12, 1))
    hops = practice.animals.admit(bob.id, "Hops", "rabbit")
    return SimpleNamespace(vet=vet, other=other, nurse=nurse, ada=ada, bob=bob, bello=bello, mia=mia, hops=hops)


@pytest.fixture
def shelf(practice: Practice) -> SimpleNamespace:
    """What is on the shelf."""
    practice.medicines.add("Amoxi", "tablet", "250", "0.80", {"dog": "20", "cat": "15"}, minimum=10, avoid=("penicillin",))
    practice.medicines.add("Morphidol", "ml", "10", "4.00", {"dog": "0.5"}, controlled=True)
    practice.medicines.add("vaccine rabies", "dose", "1", "12.00", {"dog": "1", "cat": "1"})
    practice.stock.receive("Amoxi", "A1", date(2026, 6, 1), 20, "0.30")
    practice.stock.receive("Amoxi", "A2", date(2026, 4, 1), 12, "0.25")
    practice.stock.receive("Morphidol", "M1", date(2027, 1, 1), 30, "2.00")
    practice.stock.receive("vaccine rabies", "V1", date(2027, 1, 1), 5, "8.00")
    practice.controlled.enter("Morphidol", 30, "sta-0001", "sta-0003", "delivery")
    return SimpleNamespace(first="A2", second="A1")
