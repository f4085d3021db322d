"""Tax, foreign currency, accruals, budgets and closing over a fiscal year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book, Money, RateTable
from ledgerlite.accruals import Prepayment, accrue_expense, accrue_income, pay_ahead, release_due, unreleased
from ledgerlite.budgets import Budget
from ledgerlite.closing import (
    close_month,
    close_year,
    findings_for,
    opening_balances,
    reopen_year,
    write_off_suspense,
)
from ledgerlite.errors import CurrencyMismatch, DuplicateReference, InvalidAmount, LedgerError, PeriodClosed
from ledgerlite.fx import ForeignDesk
from ledgerlite.periods import month, parse_period, quarter
from ledgerlite.reports import balance_sheet, cash_flow, income_statement, trial_balance
from ledgerlite.reports.statements import account_sheet
from ledgerlite.reports.trends import forecast, growth, monthly_series, moving_average, sparkline
from ledgerlite.tax import (
    TaxCode,
    TaxTable,
    pay_settlement,
    post_purchase,
    post_sale,
    settle,
    tax_return,
    unsettled,
)

day = date.fromisoformat
eur = Decimal


def test_gross_prices_are_split_without_loss(taxes: TaxTable) -> None:
    net, tax = taxes.on("standard", day("2026-01-01")).split_gross(eur("100.00"))
    assert (net, tax) == (eur("84.03"), eur("15.97"))


def test_tax_rates_change_over_time(taxes: TaxTable) -> None:
    taxes.add(TaxCode("standard", eur("21"), day("2027-01-01")))
    assert taxes.on("standard", day("2026-12-31")).rate == 19
    assert taxes.on("standard", day("2027-01-01")).rate == 21
    with pytest.raises(LedgerError, match="no tax code"):
        taxes.on("standard", day("1999-01-01"))


def test_sales_and_purchases_make_a_return(book: Book, taxes: TaxTable) -> None:
    number = post_sale(book, taxes, day("2026-01-10"), eur("119.00"), memo="Chair", ref="s1")
    assert book.entry(number).amount_for("2100") == eur("-19.00")
    post_sale(book, taxes, day("2026-01-11"), eur("50.00"), "zero")
    post_purchase(book, taxes, day("2026-02-10"), eur("40.00"), "6200")
    post_purchase(book, taxes, day("2026-02-11"), eur("10.00"), "6200", "zero")
    abroad = post_purchase(book, taxes, day("2026-02-12"), eur("100.00"), "6200", "reverse")
    assert book.entry(abroad).amount_for("2000") == eur("-100.00")
    filed = tax_return(book, quarter(2026, 1))
    assert (filed.output_tax, filed.input_tax, filed.payable) == (eur("38.00"), eur("26.60"), eur("11.40"))
    assert unsettled(book, quarter(2026, 1)) == eur("11.40")


def test_settled_tax_waits_for_payment(book: Book, taxes: TaxTable) -> None:
    post_sale(book, taxes, day("2026-01-10"), eur("119.00"))
    filed = tax_return(book, quarter(2026, 1))
    number = settle(book, filed)
    assert number is not None and book.entry(number).date == day("2026-03-31")
    assert unsettled(book, quarter(2026, 1)) == 0
    assert tax_return(book, quarter(2026, 1)) == filed
    with pytest.raises(DuplicateReference):
        settle(book, filed)
    pay_settlement(book, day("2026-04-10"), eur("20.00"))
    pay_settlement(book, day("2026-04-20"), eur("-1.00"))
    assert book.balance("2110") == 0
    assert settle(book, tax_return(book, quarter(2026, 3))) is None


@pytest.fixture
def desk(book: Book) -> ForeignDesk:
    rates = RateTable("EUR")
    rates.load(
        [
            ("USD", day("2026-01-01"), eur("0.90")),
            ("USD", day("2026-02-01"), eur("0.95")),
            ("USD", day("2026-03-01"), eur("0.85")),
        ]
    )
    return ForeignDesk(book, rates)


def test_foreign_money_is_spent_at_average_cost(desk: ForeignDesk) -> None:
    desk.receive(day("2026-01-10"), "1030", Money(eur("100"), "USD"), "4000")
    desk.receive(day("2026-02-10"), "1030", Money(eur("100"), "USD"), "4000")
    number = desk.spend(day("2026-03-10"), "1030", Money(eur("50"), "USD"), "6200")
    entry = desk.book.entry(number)
    assert entry.amount_for("6200") == eur("42.50")
    assert entry.amount_for("1030") == eur("-46.25")
    assert entry.amount_for("6700") == eur("3.75")
    held = desk.holding("1030")
    assert held is not None and held.foreign.amount == 150 and held.book_value == eur("138.75")
    with pytest.raises(CurrencyMismatch):
        desk.spend(day("2026-03-10"), "1030", Money(eur("999"), "USD"), "6200")


def test_exchange_realises_gains(desk: ForeignDesk) -> None:
    desk.receive(day("2026-01-10"), "1030", Money(eur("100"), "USD"), "4000")
    number = desk.exchange(day("2026-02-10"), "1030", "1020", Money(eur("100"), "USD"), eur("94.00"))
    assert desk.book.entry(number).amount_for("4800") == eur("-4.00")
    assert desk.book.balance("1030") == 0


def test_revaluation_goes_both_ways_and_back(desk: ForeignDesk) -> None:
    desk.receive(day("2026-01-10"), "1030", Money(eur("100"), "USD"), "4000")
    up = desk.revalue(day("2026-02-28"))
    assert desk.book.balance("4800") == eur("-5.00")
    assert desk.revalue(day("2026-02-28")) == []
    down = desk.revalue(day("2026-03-31"))
    assert desk.book.balance("6700") == eur("10.00")
    desk.undo_revaluation(up + down, day("2026-04-01"))
    assert desk.book.balance("1030") == eur("90.00")


def test_accruals_hit_one_month_and_leave_the_next(book: Book) -> None:
    made = accrue_expense(book, day("2026-01-15"), "6100", eur("500.00"), "Rent January")
    assert book.balance("6100", day("2026-01-31")) == eur("500.00")
    assert book.balance("6100", day("2026-02-01")) == 0
    assert book.entry(made.reversal).reverses == made.entry
    accrue_income(book, day("2026-02-10"), "4100", eur("70.00"), "Consulting")
    assert book.balance("4100", day("2026-02-28")) == eur("-70.00")
    assert book.balance("4100") == 0


def test_prepayments_become_expense_month_by_month(funded: Book) -> None:
    insurance = Prepayment(eur("100.00"), "6900", day("2026-01-01"), day("2026-03-15"), "Insurance")
    pay_ahead(funded, day("2026-01-02"), insurance)
    assert len(release_due(funded, insurance, day("2026-02-28"), "ins")) == 2
    assert unreleased(funded, insurance, "ins") == eur("33.33")
    assert len(release_due(funded, insurance, day("2026-12-31"), "ins")) == 1
    assert funded.balance("1400") == 0
    assert funded.balance("6900") == eur("100.00")


def test_budgets_compare_and_find_overspending(funded: Book) -> None:
    budget = Budget(funded, 2026)
    budget.plan_year("6100", eur("1200.00"))
    budget.plan("6200", 1, eur("10.00"))
    funded.post(day("2026-01-10"), "6100", "1020", eur("100.00"))
    funded.post(day("2026-01-10"), "6200", "1020", eur("12.00"))
    lines = {line.account: line for line in budget.compare(month(2026, 1))}
    assert lines["6100"].variance == 0
    assert lines["6200"].used == eur("120.0")
    assert [line.account for line in budget.overspent(month(2026, 1), eur("10"))] == ["6200"]
    budget.shift("6100", "6200", 1, eur("5.00"))
    assert budget.overspent(month(2026, 1), eur("0"))[0].account == "6100"
    with pytest.raises(InvalidAmount):
        budget.shift("6100", "6200", 1, eur("500.00"))


def test_budget_reserves_are_kept_and_released(funded: Book) -> None:
    budget = Budget(funded, 2026)
    budget.plan("6200", 1, eur("80.00"))
    funded.post(day("2026-01-10"), "6200", "1020", eur("30.00"))
    number = budget.reserve(day("2026-01-20"), "6200", "")
    assert number is not None and funded.entry(number).total == eur("50.00")
    assert budget.reserve(day("2026-01-20"), "6200", "") is None
    assert budget.release("6200", month(2026, 1), day("2026-02-01")) is not None
    assert funded.balance("2200") == 0


def test_budget_copies_last_years_figures(funded: Book) -> None:
    funded.post(day("2026-05-10"), "6100", "1020", eur("200.00"))
    budget = Budget(funded, 2027)
    budget.copy_actuals(2026, eur("2.5"))
    assert budget.planned("6100", parse_period("2027")) == eur("205.00")


@pytest.fixture
def trading(funded: Book) -> Book:
    funded.post(day("2026-03-01"), "1020", "4000", eur("900.00"), "Sales")
    funded.post(day("2026-04-01"), "6100", "1020", eur("300.00"), "Rent")
    return funded


def test_closing_a_year_moves_its_result(trading: Book) -> None:
    report = close_year(trading, day("2026-06-30"))
    assert report.result == eur("600.00")
    assert trading.balance("3100") == eur("-600.00")
    assert trading.balance("4000") == 0
    assert any(finding.text == "no entries in 2026-02" for finding in report.findings)
    with pytest.raises(PeriodClosed):
        trading.post(day("2026-12-31"), "6100", "1020", eur("1.00"))
    statement = income_statement(trading, parse_period("2026")).csv()
    assert ",Result,600.00" in statement


def test_reopening_takes_the_transfer_back(trading: Book) -> None:
    report = close_year(trading, day("2026-06-30"))
    number = reopen_year(trading, report)
    assert number is not None
    assert trading.entry(number).memo == "Reopening 2026"
    assert trading.balance("3100") == 0
    trading.post(day("2026-12-31"), "6100", "1020", eur("1.00"))


def test_suspense_stops_a_closing(trading: Book) -> None:
    trading.post(day("2026-05-01"), "1900", "1020", eur("25.00"), "What is this?")
    with pytest.raises(LedgerError, match="suspense account holds 25.00"):
        close_month(trading, month(2026, 5))
    assert write_off_suspense(trading, day("2026-05-31")) is not None
    assert trading.balance("6900") == eur("25.00")
    assert write_off_suspense(trading, day("2026-05-31")) is None
    close_month(trading, month(2026, 5))
    assert [f.severity for f in findings_for(trading, month(2026, 6))] == ["warning"]


def test_opening_balances_are_given_on_the_natural_side(book: Book) -> None:
    opening_balances(book, day("2026-01-01"), {"1020": eur("500.00"), "2000": eur("200.00")})
    assert book.balance("1020") == eur("500.00")
    assert book.balance("2000") == eur("-200.00")
    assert book.balance("3000") == eur("-300.00")
    with pytest.raises(LedgerError, match="no balance sheet account"):
        opening_balances(book, day("2026-01-02"), {"4000": eur("1.00")})


def test_reports_agree_with_each_other(trading: Book) -> None:
    trial = trial_balance(trading, day("2026-12-31"))
    assert trial.rows[-1] == ("", "Total", eur("10900.00"), eur("10900.00"))
    sheet = balance_sheet(trading, day("2026-12-31"))
    assert sheet.rows[-2][2] == sheet.rows[-1][2] == eur("10600.00")
    flow = cash_flow(trading, parse_period("2026-Q2"))
    assert [row[2] for row in flow.rows] == [eur("10900.00"), eur("-300.00"), eur("10600.00")]
    text = account_sheet(trading, "4000", parse_period("2026")).text()
    assert text.splitlines()[3].split() == ["2026-03-01", "2", "Sales", "900.00", "900.00"]


def test_trends_are_about_shape(trading: Book) -> None:
    assert monthly_series(trading, "4000", quarter(2026, 1)) == [0.0, 0.0, 900.0]
    assert moving_average([2, 4, 6], 2) == [2, 3, 5]
    assert forecast([1, 2, 3], 2) == [4, 5]
    assert growth([100, 110, 121]) == pytest.approx(0.1)
    assert sparkline([0, 7, 3.5]) == "▁█▄"
