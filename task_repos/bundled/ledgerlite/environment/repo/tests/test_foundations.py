"""Money, dates, currencies, accounts and periods: what everything else stands on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite.accounts import Account, Chart, Kind, small_business_chart
from ledgerlite.currency import Money, RateTable
from ledgerlite.dates import add_months, as_date, month_end, months_between, next_business_day
from ledgerlite.errors import (
    AccountLocked,
    CurrencyMismatch,
    DuplicateAccount,
    InvalidAmount,
    InvalidDate,
    LedgerError,
    MissingRate,
    PeriodClosed,
    UnknownAccount,
)
from ledgerlite.money import allocate, check_places, coerce, format_amount, parse_amount, round_money, round_tax
from ledgerlite.periods import FiscalCalendar, Period, month, parse_period, quarter

day = date.fromisoformat
eur = Decimal


@pytest.mark.parametrize(
    ("value", "expected"),
    [(eur("1.10"), "1.10"), (3, "3"), ("2.5", "2.5"), (0.1, "0.1")],
    ids=["decimal", "int", "text", "float"],
)
def test_coerce_reads_loose_amounts(value: object, expected: str) -> None:
    assert str(coerce(value)) == expected


@pytest.mark.parametrize("value", [True, "abc", "NaN", float("inf"), None], ids=str)
def test_coerce_refuses_what_is_no_amount(value: object) -> None:
    with pytest.raises(InvalidAmount):
        coerce(value)


def test_rounding_is_to_even_except_for_taxes() -> None:
    assert round_money(eur("0.125")) == eur("0.12")
    assert round_tax(eur("0.125")) == eur("0.13")


def test_allocate_loses_no_cent() -> None:
    assert allocate(eur("100.00"), [1, 1, 1]) == [eur("33.34"), eur("33.33"), eur("33.33")]
    assert allocate(eur("-0.05"), [1, 1]) == [eur("-0.03"), eur("-0.02")]
    assert sum(allocate(eur("99.99"), [3, 0, 7, 11])) == eur("99.99")


def test_allocate_refuses_useless_weights() -> None:
    for weights in ([], [0, 0], [1, -1]):
        with pytest.raises(InvalidAmount):
            allocate(eur("1.00"), weights)


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("(12.00)", ".", "-12.00"),
        ("12.00-", ".", "-12.00"),
        ("7.25 DR", ".", "-7.25"),
        ("1'000.00CR", ".", "1000.00"),
    ],
)
def test_parse_amount_reads_what_banks_print(text: str, mark: str, expected: str) -> None:
    assert parse_amount(text, mark) == eur(expected)


def test_format_amount_groups_and_has_no_negative_zero() -> None:
    assert format_amount(eur("-1234567.891")) == "-1,234,567.89"
    assert format_amount(eur("-0.001")) == "0.00"
    assert format_amount(eur("1500"), 0, grouping=False) == "1500"


def test_check_places_refuses_fractions_of_cents() -> None:
    assert check_places(eur("1.5")) == eur("1.50")
    with pytest.raises(InvalidAmount):
        check_places(eur("1.005"))


def test_dates_at_the_ends_of_months() -> None:
    assert month_end(day("2024-02-10")) == day("2024-02-29")
    assert add_months(day("2026-01-31"), 1) == day("2026-02-28")
    assert add_months(day("2026-01-31"), -2) == day("2025-11-30")
    assert months_between(day("2025-11-30"), day("2026-02-01")) == 3
    assert as_date("2026-02-01") == day("2026-02-01")
    with pytest.raises(InvalidDate):
        as_date("2026-02-30")


def test_business_days_skip_weekends_and_holidays() -> None:
    monday = day("2026-03-09")
    assert next_business_day(day("2026-03-07")) == monday
    assert next_business_day(day("2026-03-07"), frozenset({monday})) == day("2026-03-10")


def test_money_keeps_currencies_apart() -> None:
    assert str(Money(eur("1.005"), "EUR") + Money(eur("2"), "EUR")) == "3.00 EUR"
    assert Money(eur("100.4"), "JPY").amount == eur("100")
    with pytest.raises(CurrencyMismatch):
        Money(eur("1"), "EUR") + Money(eur("1"), "USD")


def test_rates_hold_until_the_next_one() -> None:
    rates = RateTable("EUR")
    rates.load([("USD", day("2026-03-01"), eur("0.90")), ("USD", day("2026-01-01"), eur("0.80"))])
    rates.add("GBP", day("2026-01-01"), eur("1.20"))
    assert rates.rate("USD", day("2026-02-28")) == eur("0.80")
    assert rates.to_home(Money(eur("10"), "USD"), day("2026-03-01")).amount == eur("9.00")
    assert rates.convert(Money(eur("12"), "GBP"), "USD", day("2026-03-02")).amount == eur("16.00")
    with pytest.raises(MissingRate):
        rates.rate("USD", day("2025-12-31"))


def test_chart_is_a_forest_of_one_kind_per_tree() -> None:
    chart = small_business_chart()
    assert [a.code for a in chart.subtree("1000")][:3] == ["1000", "1010", "1020"]
    assert chart.depth("1020") == 1
    with pytest.raises(LedgerError):
        chart.add(Account("1015", "Odd", Kind.INCOME, parent="1000"))
    with pytest.raises(DuplicateAccount):
        chart.open("1020", "Bank again", Kind.ASSET)


def test_headings_and_archived_accounts_take_no_entries() -> None:
    chart = Chart([Account("1", "Head", Kind.ASSET, heading=True), Account("2", "Old", Kind.ASSET)])
    chart.archive("2")
    for code in ("1", "2"):
        with pytest.raises(AccountLocked):
            chart.usable(code)
    with pytest.raises(UnknownAccount, match="no account '3'"):
        chart.usable("3")


def test_account_records_survive_a_round_trip() -> None:
    account = Account("1010", "Till", Kind.ASSET, tags=frozenset({"cash", "shop"}))
    assert Account.from_record(account.to_record()) == account


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-Q2", "2026-04-01", "2026-06-30"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2026-03-05..2026-03-07", "2026-03-05", "2026-03-07"),
    ],
    ids=["year", "quarter", "month", "days"],
)
def test_periods_are_read_from_text(text: str, first: str, last: str) -> None:
    assert parse_period(text) == Period(day(first), day(last))


def test_period_before() -> None:
    assert month(2026, 1).before() == month(2025, 12)
    assert quarter(2026, 1).before() == quarter(2025, 4)
    assert parse_period("2026-03-05..2026-03-07").before() == parse_period("2026-03-02..2026-03-04")


def test_fiscal_years_may_begin_in_any_month() -> None:
    calendar = FiscalCalendar(4)
    assert calendar.year_of(day("2026-03-31")) == Period(day("2025-04-01"), day("2026-03-31"))


def test_closing_and_reopening_periods() -> None:
    calendar = FiscalCalendar()
    calendar.close(quarter(2026, 1))
    assert not calendar.is_open(day("2026-02-10"))
    calendar.reopen(month(2026, 2))
    assert calendar.is_open(day("2026-02-10"))
    assert not calendar.is_open(day("2026-03-10"))
    assert calendar.first_open_day(day("2026-03-10")) == day("2026-04-01")
    with pytest.raises(PeriodClosed):
        calendar.close(month(2026, 1))
