"""Medicines, stock, orders, the locked cupboard."""

from datetime import date
from decimal import Decimal

import pytest

from pawdesk.errors import OutOfStock, Refused
from pawdesk.infra import clock, mailer


def test_doses_follow_the_weight(practice, cast, shelf):
    practice.weights.note(cast.bello.id, "30")
    assert practice.medicines.dose_for("Amoxi", cast.bello.id, 7).text == "2.5 tablet a day for 7 days"
    practice.animals.warn(cast.bello.id, "does not stand penicillin")
    with pytest.raises(Refused):
        practice.medicines.dose_for("Amoxi", cast.bello.id, 7)


def test_what_expires_first_goes_first(practice, shelf):
    taken = practice.stock.take("Amoxi", 15, "visit")
    assert [(each.number, each.units) for each in taken] == [("A2", 12), ("A1", 3)]
    with pytest.raises(OutOfStock):
        practice.stock.take("Amoxi", 100, "visit")
    clock.advance(days=40)
    assert practice.stock.level("Amoxi") == 17


def test_low_stock_is_ordered_and_delivered(practice, shelf):
    practice.stock.take("Amoxi", 25, "visit")
    order = practice.purchasing.open_order()
    assert [(line.medicine, line.units) for line in order.lines] == [("Amoxi", Decimal(20))]
    practice.purchasing.send()
    assert mailer.outbox()[-1]["to"] == "orders@wholesale.example"
    practice.purchasing.deliver(order.id, {"Amoxi": ("A3", date(2027, 1, 1))})
    assert practice.stock.level("Amoxi") == 27


def test_the_book_needs_a_witness(practice, cast, shelf):
    with pytest.raises(Refused):
        practice.controlled.dispense("Morphidol", 2, "sta-0001", "sta-0001", "pain")
    assert practice.stock.level("Morphidol") == 30
    practice.controlled.dispense("Morphidol", 2, "sta-0001", "sta-0003", "pain")
    assert practice.controlled.count("Morphidol", "27.5", "sta-0001", "sta-0003") == Decimal("-0.5")
    assert mailer.outbox()[-1]["to"] == "controlled@board.example"
