"""Depreciation, stock, loans and payroll."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book
from ledgerlite.depreciation import Asset, AssetRegister, Method, declining_balance, plan
from ledgerlite.errors import DuplicateReference, InvalidAmount, LedgerError
from ledgerlite.inventory import Stock
from ledgerlite.loans import (
    Loan,
    disburse,
    outstanding,
    pay_due,
    pay_instalment,
    repay_early,
    schedule,
    total_interest,
)
from ledgerlite.payroll import Employee, correct_payroll, pay_out, payslip, remit, run_payroll

day = date.fromisoformat
eur = Decimal


@pytest.fixture
def register(funded: Book) -> AssetRegister:
    made = AssetRegister(funded)
    made.buy(Asset("pc", "Laptop", day("2026-01-15"), eur("1000.00"), 3, eur("100.00")))
    return made


def test_straight_line_charges_once_per_month(register: AssetRegister) -> None:
    assert len(register.charge_until(day("2026-02-28"))) == 2
    assert register.charge_until(day("2026-02-28")) == []
    assert register.book_value("pc") == eur("400.00")
    assert register.book.balance("6400") == eur("600.00")
    assert register.age("pc", day("2026-04-01")) == 3


def test_disposal_books_gain_or_loss(register: AssetRegister) -> None:
    register.charge_until(day("2026-01-31"))
    number = register.dispose("pc", day("2026-02-10"), eur("650.00"))
    entry = register.book.entry(number)
    assert entry.amount_for("6900") == eur("50.00")
    assert entry.amount_for("1590") == eur("300.00")
    assert register.charge_until(day("2026-12-31")) == []
    with pytest.raises(LedgerError, match="was disposed of"):
        register.dispose("pc", day("2026-02-11"), eur("1.00"))


def test_disposal_above_book_value_is_a_gain(register: AssetRegister) -> None:
    number = register.dispose("pc", day("2026-01-20"), eur("1200.00"))
    assert register.book.entry(number).amount_for("4900") == eur("-200.00")


def test_reversed_charges_do_not_count(register: AssetRegister) -> None:
    numbers = register.charge_until(day("2026-01-31"))
    register.book.reverse(numbers[0])
    assert register.charged("pc") == 0
    register.impair("pc", day("2026-02-01"), eur("900.00"))
    assert register.book.balance("1590") == eur("-100.00")
    with pytest.raises(InvalidAmount):
        register.impair("pc", day("2026-02-01"), eur("5000.00"))


def test_declining_balance_ends_at_the_salvage_value() -> None:
    asset = Asset("car", "Van", day("2026-01-01"), eur("20000.00"), 60, eur("2000.00"), Method.DECLINING, eur("40"))
    charges = declining_balance(asset)
    assert sum(charge.amount for charge in charges) == eur("18000.00")
    assert sum(charge.amount for charge in charges[:12]) == eur("7200.00")
    assert charges[0].amount > charges[-1].amount


def test_units_of_use_decide_the_charge(funded: Book) -> None:
    register = AssetRegister(funded)
    register.buy(
        Asset("press", "Press", day("2026-01-01"), eur("500.00"), 60, method=Method.UNITS, units=1000)
    )
    register.use("press", day("2026-01-10"), 100)
    register.use("press", day("2026-02-10"), 950)
    register.charge_until(day("2026-12-31"))
    assert register.charged("press") == eur("500.00")
    assert funded.balance("6400", day("2026-01-31")) == eur("50.00")


def test_plans_stop_at_the_disposal() -> None:
    asset = Asset("x", "Thing", day("2026-01-01"), eur("12.00"), 12, disposed=day("2026-04-01"))
    assert [charge.amount for charge in plan(asset)] == [eur("1.00")] * 3
    with pytest.raises(InvalidAmount):
        Asset("y", "Thing", day("2026-01-01"), eur("1.00"), 12, salvage=eur("2.00"))


@pytest.fixture
def stock(book: Book) -> Stock:
    made = Stock(book)
    made.buy(day("2026-01-02"), "flour", 10, eur("10.00"))
    made.buy(day("2026-01-03"), "flour", 10, eur("20.00"))
    return made


def test_oldest_units_leave_first(stock: Stock) -> None:
    number = stock.sell(day("2026-01-04"), "flour", 15, "sale:1")
    assert stock.book.entry(number).total == eur("20.00")
    assert stock.on_hand("flour") == 5
    assert stock.value() == stock.book.balance("1200") == eur("10.00")
    with pytest.raises(LedgerError, match="not enough"):
        stock.sell(day("2026-01-05"), "flour", 6)
    with pytest.raises(DuplicateReference):
        stock.sell(day("2026-01-05"), "flour", 1, "sale:1")


def test_a_basket_is_all_or_nothing(stock: Stock) -> None:
    stock.buy(day("2026-01-03"), "yeast", 2, eur("3.00"))
    with pytest.raises(LedgerError, match="yeast"):
        stock.sell_many(day("2026-01-04"), {"flour": 1, "yeast": 3})
    assert stock.on_hand("flour") == 20
    stock.sell_many(day("2026-01-04"), {"flour": 1, "yeast": 1})
    assert stock.book.balance("5000") == eur("2.50")


def test_returned_units_are_the_next_to_go(stock: Stock) -> None:
    stock.sell(day("2026-01-04"), "flour", 12)
    stock.give_back(day("2026-01-05"), "flour", 2, eur("9.00"))
    assert stock.book.balance("1200") == stock.value("flour") == eur("25.00")
    number = stock.sell(day("2026-01-06"), "flour", 2)
    assert stock.book.entry(number).total == eur("9.00")


def test_counts_book_what_is_missing_or_too_much(stock: Stock) -> None:
    number = stock.count(day("2026-01-31"), {"flour": 18})
    assert number is not None
    assert stock.book.balance("6800") == eur("2.00")
    stock.count(day("2026-02-28"), {"flour": 27})
    assert stock.on_hand("flour") == 27
    assert stock.book.balance("1200") == stock.value()
    assert stock.count(day("2026-03-31"), {"flour": 27}) is None


def test_write_downs_lower_value_not_units(stock: Stock) -> None:
    stock.write_down(day("2026-01-31"), "flour", eur("15.00"))
    assert stock.value("flour") == stock.book.balance("1200") == eur("15.00")
    assert stock.on_hand("flour") == 20
    with pytest.raises(InvalidAmount):
        stock.write_down(day("2026-01-31"), "flour", eur("16.00"))


LOAN = Loan("van", eur("12000.00"), eur("6"), 12, date(2026, 1, 31))


def test_annuities_are_constant_and_end_at_zero() -> None:
    instalments = schedule(LOAN)
    assert LOAN.payment == eur("1032.80")
    assert {i.payment for i in instalments[:-1]} == {eur("1032.80")}
    assert instalments[-1].left == 0
    assert instalments[1].day == day("2026-03-31")
    assert total_interest(LOAN) == sum(i.payment for i in instalments) - LOAN.principal


def test_linear_loans_repay_the_same_principal() -> None:
    loan = Loan("x", eur("1000.00"), eur("12"), 3, day("2026-01-01"), annuity=False)
    assert [i.principal for i in schedule(loan)] == [eur("333.33"), eur("333.33"), eur("333.34")]
    assert [i.interest for i in schedule(loan)] == [eur("10.00"), eur("6.67"), eur("3.33")]


def test_loan_entries_follow_the_plan(book: Book) -> None:
    disburse(book, LOAN, fee=eur("100.00"))
    assert book.balance("1020") == eur("11900.00")
    assert len(pay_due(book, LOAN, day("2026-03-31"))) == 2
    assert pay_due(book, LOAN, day("2026-03-31")) == []
    assert outstanding(book, LOAN) == -book.balance("2400")
    with pytest.raises(DuplicateReference):
        pay_instalment(book, LOAN, 1)
    repay_early(book, LOAN, day("2026-04-15"), penalty=eur("50.00"))
    assert book.balance("2400") == 0


def test_free_loans_have_no_interest_leg(book: Book) -> None:
    loan = Loan("aunt", eur("100.00"), eur("0"), 3, day("2026-01-01"))
    disburse(book, loan)
    pay_due(book, loan, day("2026-12-31"))
    assert book.balance("2400") == 0
    assert book.balance("6500") == 0
    with pytest.raises(LedgerError, match="paid off"):
        repay_early(book, loan, day("2027-01-01"))


def test_payslips_are_progressive_and_capped() -> None:
    slip = payslip(Employee("Ada", eur("5000.00")))
    assert slip.tax == eur("1000.00")
    assert slip.employee_share == eur("465.00")
    assert slip.net == eur("3535.00")
    rich = payslip(Employee("Max", eur("9000.00")), bonus=eur("1000.00"))
    assert rich.employer_share == eur("686.00")


def test_payroll_is_paid_and_remitted(funded: Book) -> None:
    slips = [payslip(Employee("Ada", eur("3000.00"))), payslip(Employee("Bo", eur("2000.00"), "5000"))]
    number = run_payroll(funded, day("2026-01-20"), slips)
    assert funded.entry(number).date == day("2026-01-31")
    assert len(pay_out(funded, day("2026-02-01"), slips)) == 2
    assert remit(funded, day("2026-02-10")) is not None
    assert remit(funded, day("2026-02-10")) is None
    assert funded.balance("2300") == funded.balance("2310") == 0
    with pytest.raises(DuplicateReference):
        run_payroll(funded, day("2026-01-25"), slips)


def test_payroll_can_be_corrected(funded: Book) -> None:
    wrong = [payslip(Employee("Ada", eur("3000.00")))]
    right = [payslip(Employee("Ada", eur("3100.00")))]
    number = run_payroll(funded, day("2026-01-20"), wrong)
    back, new = correct_payroll(funded, number, day("2026-02-03"), right)
    assert funded.entry(back).reverses == number
    assert funded.entry(new).date == day("2026-02-28")
    assert funded.balance("6000") == right[0].cost
