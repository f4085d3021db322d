"""Prices, invoices, payments, insurers, reminders to pay, instalments."""

from datetime import date
from decimal import Decimal

import pytest

from pawdesk.errors import Declined, Refused
from pawdesk.infra import clock, mailer
from pawdesk.infra.payments import terminal


@pytest.fixture
def invoice(practice, cast):
    practice.charges.add(cast.ada.id, cast.bello.id, "operation", "238.00", source="ope-0001")
    return practice.invoices.make(cast.ada.id)


def test_prices_change_from_a_day_on(practice):
    practice.prices.change("CONSULT", "30.00", date(2026, 3, 4))
    assert practice.prices.amount("CONSULT", 2) == Decimal("56.00")
    clock.advance(days=2)
    assert practice.prices.amount("CONSULT", 2) == Decimal("60.00")


def test_invoices_are_numbered_and_mailed(practice, cast, invoice):
    assert (invoice.number, invoice.net, invoice.tax) == ("2026-00001", Decimal("200.00"), Decimal("38.00"))
    assert invoice.reference in mailer.outbox()[-1]["body"]
    practice.invoices.cancel(invoice.id, "wrong animal")
    assert practice.invoices.make(cast.ada.id).number == "2026-00002"


def test_cash_gives_change(practice, invoice):
    assert practice.takings.cash(invoice.id, "200") == 0
    assert practice.takings.cash(invoice.id, "50") == 12
    assert practice.invoices.get(invoice.id).state == "paid"


def test_cards_and_refunds(practice, invoice):
    with pytest.raises(Declined):
        practice.takings.card(invoice.id, "4111000000000000")
    payment = practice.takings.card(invoice.id, "4111000000001234")
    practice.takings.refund(payment.id, "38.00")
    assert [slip["kind"] for slip in terminal().slips()] == ["charge", "refund"]
    assert practice.balances.of_invoice(invoice.id) == 38


def test_transfers_find_their_invoice(practice, invoice):
    payments, unknown = practice.takings.transfer(f"# bank\n{invoice.reference};100.00\nNOBODY;5.00\n")
    assert [payment.amount for payment in payments] == [100]
    assert unknown == ["NOBODY"]


def test_insurers_pay_their_share(practice, cast, invoice):
    practice.insurance.insure(cast.bello.id, "claims@insure.example", "X-1", "0.8", "38", "1000")
    claim = practice.insurance.claim(cast.bello.id, invoice.id)
    assert claim.asked == 160
    practice.insurance.answer(claim.key, "150")
    assert practice.balances.of_invoice(invoice.id) == 88


def test_reminders_to_pay_become_louder(practice, cast, invoice):
    clock.advance(days=22)
    assert [step.level for step in practice.dunning.run()] == [1]
    assert practice.dunning.run() == []
    for days in (15, 15, 15):
        clock.advance(days=days)
        practice.dunning.run()
    assert [step.level for step in practice.dunning.steps(invoice.id)] == [1, 2, 3, 4]
    assert mailer.outbox()[-1]["to"] == "cases@collect.example"


def test_plans_hold_reminders(practice, invoice):
    plan = practice.plans.agree(invoice.id, 3)
    assert [str(rate.amount) for rate in plan.rates] == ["79.34", "79.33", "79.33"]
    clock.advance(days=25)
    assert practice.dunning.run() == []
    assert [each.state for each in practice.plans.review()] == ["broken"]
    with pytest.raises(Refused):
        practice.plans.agree(invoice.id, 13)
