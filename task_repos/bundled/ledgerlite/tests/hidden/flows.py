"""Bookkeeping by every module of the package, without a word of the posting API itself.

Each flow returns text lines: the journal that it leaves, and what the calls gave back.
The lines were recorded once, before the change, and must not differ after it.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from ledgerlite import Book, Chart, Draft, Kind, Money, RateTable
from ledgerlite.entries import Entry, describe, make_legs

D = Decimal
day = date.fromisoformat
Flow = Callable[[Path], list[str]]
FLOWS: dict[str, Flow] = {}


def flow(function: Flow) -> Flow:
    FLOWS[function.__name__] = function
    return function


def seeded(*entries: tuple[str, str, str, str, str], book: Book | None = None) -> Book:
    """A book restored from (day, debit, credit, amount, memo) rows, after 10,000.00 of capital."""
    made = book if book is not None else Book()
    rows = (("2026-01-01", "1020", "3000", "10000.00", "Capital"), *entries)
    for number, (when, debit, credit, amount, memo) in enumerate(rows, start=1):
        legs = make_legs(((debit, D(amount)), (credit, -D(amount))))
        made.restore(Entry(number, day(when), legs, memo))
    return made


def journal(book: Book, *results: object) -> list[str]:
    lines = [f"{describe(entry)} | {entry.ref} | {entry.reverses}" for entry in book]
    return lines + [f"{type(result).__name__} {result!r}" for result in results]


@flow
def tax(tmp: Path) -> list[str]:
    from ledgerlite.tax import default_table, pay_settlement, post_purchase, post_sale, settle, tax_return
    from ledgerlite.periods import quarter

    book, table = Book(), default_table()
    made = [
        post_sale(book, table, day("2026-01-10"), D("119.00"), memo="Chair", ref="s1"),
        post_sale(book, table, day("2026-01-11"), D("50.00"), "zero"),
        post_purchase(book, table, day("2026-02-10"), D("40.00"), "6200", memo="Paper", ref="p1"),
        post_purchase(book, table, day("2026-02-11"), D("10.00"), "6200", "zero"),
        post_purchase(book, table, day("2026-02-12"), D("100.00"), "6200", "reverse"),
        settle(book, tax_return(book, quarter(2026, 1))),
        pay_settlement(book, day("2026-04-10"), D("12.40")),
        pay_settlement(book, day("2026-04-11"), D("-1.00")),
        settle(book, tax_return(book, quarter(2026, 3))),
    ]
    return journal(book, made)


@flow
def fx(tmp: Path) -> list[str]:
    from ledgerlite.fx import ForeignDesk

    rates = RateTable("EUR")
    rates.load([("USD", day("2026-01-01"), D("0.90")), ("USD", day("2026-02-01"), D("0.95"))])
    rates.add("USD", day("2026-03-01"), D("0.85"))
    desk = ForeignDesk(seeded(), rates)
    made = [
        desk.receive(day("2026-01-10"), "1030", Money(D(100), "USD"), "4000"),
        desk.spend(day("2026-02-10"), "1030", Money(D(40), "USD"), "6200", "Hosting"),
        desk.exchange(day("2026-02-11"), "1030", "1020", Money(D(10), "USD"), D("8.00")),
    ]
    up = desk.revalue(day("2026-02-28"))
    down = desk.revalue(day("2026-03-31"))
    return journal(desk.book, made, up, down, desk.undo_revaluation(up + down, day("2026-04-01")))


@flow
def closing(tmp: Path) -> list[str]:
    from ledgerlite.closing import close_year, opening_balances, reopen_year, write_off_suspense

    book = Book()
    made = [opening_balances(book, day("2026-01-01"), {"1020": D("500.00"), "2000": D("200.00")})]
    restore = [("4000", "1900", "30.00"), ("1900", "6100", "10.00")]
    for credit, debit, amount in restore:
        legs = make_legs(((debit, D(amount)), (credit, -D(amount))))
        book.restore(Entry(len(book) + 1, day("2026-05-05"), legs))
    made.append(write_off_suspense(book, day("2026-05-06")))
    legs = make_legs((("1020", D("7.00")), ("1900", D("-7.00"))))
    book.restore(Entry(len(book) + 1, day("2026-05-07"), legs))
    made.append(write_off_suspense(book, day("2026-05-08")))
    report = close_year(book, day("2026-06-30"), force=True)
    made += [report.transfer, reopen_year(book, report)]
    return journal(book, made, report.result)


@flow
def accruals(tmp: Path) -> list[str]:
    from ledgerlite.accruals import Prepayment, accrue_expense, accrue_income, pay_ahead, release_due

    book = seeded()
    insurance = Prepayment(D("100.00"), "6900", day("2026-01-01"), day("2026-03-15"), "Insurance")
    made = [
        accrue_expense(book, day("2026-01-15"), "6100", D("500.00"), "Rent"),
        accrue_income(book, day("2026-02-10"), "4100", D("70.00"), "Consulting"),
        pay_ahead(book, day("2026-01-02"), insurance),
        release_due(book, insurance, day("2026-02-28"), "ins"),
        release_due(book, insurance, day("2026-12-31"), "ins"),
    ]
    return journal(book, made)


@flow
def depreciation(tmp: Path) -> list[str]:
    from ledgerlite.depreciation import Asset, AssetRegister

    register = AssetRegister(seeded())
    made = [
        register.buy(Asset("pc", "Laptop", day("2026-01-15"), D("1000.00"), 3, D("100.00"))),
        register.buy(Asset("desk", "Desk", day("2026-02-01"), D("70.00"), 4), "2000"),
        register.charge_until(day("2026-02-28")),
        register.impair("desk", day("2026-03-01"), D("20.00")),
        register.dispose("pc", day("2026-03-10"), D("650.00")),
        register.dispose("desk", day("2026-03-10"), D("1.00"), "1010"),
    ]
    return journal(register.book, made)


@flow
def inventory(tmp: Path) -> list[str]:
    from ledgerlite.inventory import Stock

    stock = Stock(seeded())
    made = [
        stock.buy(day("2026-01-02"), "flour", 10, D("10.00")),
        stock.buy(day("2026-01-03"), "flour", 10, D("20.00"), "1020"),
        stock.sell(day("2026-01-04"), "flour", 12, "sale:1"),
        stock.sell_many(day("2026-01-05"), {"flour": 2}),
        stock.give_back(day("2026-01-06"), "flour", 1, D("2.00")),
        stock.count(day("2026-01-31"), {"flour": 5}),
        stock.count(day("2026-02-28"), {"flour": 6}),
        stock.count(day("2026-03-31"), {"flour": 6}),
        stock.write_down(day("2026-04-30"), "flour", D("5.00")),
    ]
    return journal(stock.book, made)


@flow
def payroll(tmp: Path) -> list[str]:
    from ledgerlite.payroll import Employee, correct_payroll, pay_out, payslip, remit, run_payroll

    book = seeded()
    slips = [payslip(Employee("Ada", D("3000.00"))), payslip(Employee("Bo", D("2000.00"), "5000"))]
    number = run_payroll(book, day("2026-01-20"), slips)
    made = [number, *correct_payroll(book, number, day("2026-01-25"), slips[:1])]
    made += [pay_out(book, day("2026-02-01"), slips[:1]), remit(book, day("2026-02-10")), remit(book, day("2026-02-10"))]
    return journal(book, made)


@flow
def loans(tmp: Path) -> list[str]:
    from ledgerlite.loans import Loan, disburse, pay_due, pay_instalment, repay_early

    book = Book()
    van = Loan("van", D("12000.00"), D("6"), 12, day("2026-01-31"))
    aunt = Loan("aunt", D("100.00"), D("0"), 3, day("2026-01-01"), annuity=False)
    made = [disburse(book, van, fee=D("100.00")), disburse(book, aunt)]
    made += [pay_due(book, van, day("2026-03-31")), pay_instalment(book, aunt, 1, day("2026-02-03"))]
    made += [repay_early(book, van, day("2026-04-15"), D("50.00")), repay_early(book, aunt, day("2026-04-15"))]
    return journal(book, made)


@flow
def recurring(tmp: Path) -> list[str]:
    """Templates as an older version has written them."""
    from ledgerlite.recurring import Scheduler, load_templates, save_templates

    common = {"until": None, "business_days": False, "paused": False}
    legs = [["6200", "10.00"], ["6300", "1.00"], ["1020", "-11.00"]]
    transfer = {"debit": "6100", "credit": "1020", "amount": "100.00"}
    records = [
        {**common, "key": "rent", "rhythm": "monthly", "start": "2026-01-31", "method": "post",
         "args": transfer, "memo": "Rent {month}"},
        {**common, "key": "phone", "rhythm": "quarterly", "start": "2026-01-03", "method": "post_split",
         "args": {"legs": legs}, "memo": "", "business_days": True},
    ]
    path = tmp / "templates.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    book = seeded()
    templates = load_templates(path)
    made = Scheduler(book, templates).run(day("2026-04-30"))
    save_templates(path, templates)
    kept = json.loads(path.read_text(encoding="utf-8"))
    return journal(book, made, kept == records)


@flow
def budgets(tmp: Path) -> list[str]:
    from ledgerlite.budgets import Budget
    from ledgerlite.periods import month

    book = seeded(("2026-01-10", "6200", "1020", "30.00", "Paper"))
    budget = Budget(book, 2026)
    budget.plan("6200", 1, D("80.00"))
    made = [budget.reserve(day("2026-01-20"), "6200", ""), budget.reserve(day("2026-01-20"), "6200", "")]
    made += [budget.release("6200", month(2026, 1), day("2026-02-01")), budget.release("6100", month(2026, 1), day("2026-02-01"))]
    return journal(book, made)


def receivables(book: Book):
    from ledgerlite.invoices import Invoice, InvoiceLine, Receivables
    from ledgerlite.tax import default_table

    ledger = Receivables(book, default_table())
    for number in range(1, 8):
        lines = (InvoiceLine("Work", D(2), D("50.00")), InvoiceLine("Book", D(1), D("10.00"), "reduced", income="4100"))
        ledger.issue(Invoice(f"2026-{number:04}", f"Customer {number}", day(f"2026-01-{number:02}"), lines))
    return ledger


@flow
def invoices(tmp: Path) -> list[str]:
    ledger = receivables(Book())
    made = [
        ledger.pay("2026-0001", day("2026-01-20"), D("100.00")),
        ledger.pay("2026-0001", day("2026-01-21"), D("50.00")),
        ledger.pay_with_discount("2026-0002", day("2026-01-05"), D("2"), 10),
        ledger.use_deposit("2026-0003", day("2026-01-22")),
        ledger.pay("2026-0003", day("2026-01-22"), D("1.00"), "1010"),
        ledger.bounce("2026-0003", day("2026-01-25"), D("4.00")),
        ledger.credit("2026-0004", day("2026-01-25")),
        ledger.credit("2026-0005", day("2026-01-25"), D("50")),
        ledger.write_off("2026-0005", day("2026-03-01")),
    ]
    payments = {item.invoice.number: item.payments for item in ledger.open_items()}
    return journal(ledger.book, made, payments, ledger.item("2026-0001").payments)


@flow
def dunning(tmp: Path) -> list[str]:
    from ledgerlite.invoices.dunning import Dunning
    from ledgerlite.notify.outbox import Outbox

    ledger, outbox = receivables(Book()), Outbox()
    reminders = Dunning(ledger, outbox, interest=D(10))
    sent = [reminders.run(day(when)) for when in ("2026-01-25", "2026-02-20", "2026-02-21", "2026-04-01")]
    letters = [(message.number, message.to, message.body) for message in outbox.waiting()]
    return journal(ledger.book, sent, letters[-1], outbox.reverse(letters[0][0]))


@flow
def bills(tmp: Path) -> list[str]:
    from ledgerlite.bills import Bill, Payables
    from ledgerlite.tax import default_table

    desk = Payables(seeded(), default_table())
    for key in ("1", "2", "3", "4"):
        desk.enter(Bill("acme", key, day("2026-01-05"), D(key) * 100, "6200", discount=D(3), discount_days=10))
    for key in ("1", "2", "4"):
        desk.approve(f"bill:acme:{key}")
    made = [
        desk.pay("bill:acme:1", day("2026-01-10")),
        desk.cancel("bill:acme:3", day("2026-01-11")),
        desk.part_payment("bill:acme:2", day("2026-01-12"), D("38.00")),
        desk.payment_run(day("2026-02-05"), D("300.00")),
        desk.payment_run(day("2026-02-06")),
    ]
    return journal(desk.book, made, desk.get("bill:acme:4").payment)


BANK = """date,amount,text,partner,id
2026-01-20,112.00,Invoice 2026-0006,Customer,
2026-01-21,129.70,Invoice 2026-0007 thanks,Customer,
2026-01-22,-11.90,Paper,Office shop,X1
2026-01-23,-5.00,Mystery,,
2026-01-23,-5.00,Mystery,,
2026-01-24,7.00,Refund,,
2026-01-25,-3.00,To nowhere,,
"""


@flow
def loader(tmp: Path) -> list[str]:
    from ledgerlite.importers import read_file
    from ledgerlite.importers.loader import Loader, move_from_suspense, recode
    from ledgerlite.importers.rules import Rule, RuleBook
    from ledgerlite.tax import default_table

    path = tmp / "bank.csv"
    path.write_text(BANK, encoding="utf-8")
    ledger = receivables(Book())
    rules = RuleBook([Rule("6200", partner="office"), Rule("9999", "nowhere")])
    work = Loader(ledger.book, rules, receivables=ledger, taxed={"6200": "standard"}, table=default_table())
    result = work.load_file(path)
    again = work.load_file(path)
    made = [result.entered, result.rejected, again.known, again.entered]
    made += [move_from_suspense(ledger.book, n, "6900") for n in result.entered[3:5]]
    made.append(move_from_suspense(ledger.book, result.entered[5], "4900", "Known now"))
    made.append(recode(ledger.book, result.entered[2], "6200", "6900"))
    other = Book()
    batch = Loader(other, rules, taxed={"6200": "standard"}, table=default_table())
    lines = read_file(path)
    lenient, atomic = batch.load_leniently(lines), batch.load_atomically(lines[:3])
    try:
        batch.load_atomically(lines)
    except Exception as error:  # noqa: BLE001
        made.append(f"{type(error).__name__}: {error}")
    made += [lenient.entered, lenient.rejected, atomic.entered, atomic.known]
    return journal(ledger.book, made) + journal(other)


@flow
def reconcile(tmp: Path) -> list[str]:
    from ledgerlite.importers import StatementLine
    from ledgerlite.reconcile import start

    book = seeded(
        ("2026-01-11", "1020", "1100", "119.00", "Payment Lovelace"),
        ("2026-01-13", "6200", "1020", "11.50", "Paper"),
        ("2026-01-13", "6200", "1020", "77.00", "Never sent"),
    )
    lines = [
        StatementLine(day("2026-01-12"), D("119.00"), "Invoice thanks", "Lovelace"),
        StatementLine(day("2026-01-13"), D("-11.90"), "Paper", "Office shop"),
        StatementLine(day("2026-01-14"), D("-5.00"), "Fee"),
        StatementLine(day("2026-01-15"), D("0.35"), "Interest"),
    ]
    session = start(book, "1020", lines, D("10000.00"), day("2026-01-10"))
    made = [session.match_automatically(), session.book_difference(lines[1], 3, "6300")]
    made += [session.book_line(lines[2], "6300", "Charge"), session.book_line(lines[3], "4900")]
    made += [session.correct(4, day("2026-01-13")), session.finished(), session.matches[-1].entries]
    return journal(book, made)


@flow
def sqlite(tmp: Path) -> list[str]:
    from ledgerlite.storage import SqliteStore

    store, book = SqliteStore(tmp / "book.db"), seeded()
    store.keep_draft(Draft.simple(day("2026-01-05"), "6100", "1020", D("5.00"), "Rent", "d1"))
    store.keep_draft(Draft.simple(day("2026-01-05"), "6100", "9999", D("5.00")))
    made: list[object] = []
    for strict in ({}, {"strict": True}):
        try:
            store.enter_drafts(book, 5, **strict)
        except Exception as error:  # noqa: BLE001
            made.append(f"{type(error).__name__}: {error}")
    made += [store.enter_drafts(book, 5, False), store.drafts(), str(store.balance("1020"))]
    return journal(store.load()[0], made)


@flow
def migrations(tmp: Path) -> list[str]:
    from ledgerlite.accounts import small_business_chart
    from ledgerlite.storage import migrate

    chart = Chart(a for a in small_business_chart() if a.code not in ("1900", "2500", "6300"))
    chart.open("1011", "Petty cash", Kind.ASSET)
    book = seeded(
        ("2026-01-05", "6200", "1020", "3.00", "Bank charge January"),
        ("2026-01-06", "1020", "1100", "40.00", "Paid in advance"),
        ("2026-01-07", "6500", "1020", "8.00", "Interest"),
        ("2026-01-07", "6500", "1020", "8.00", "Interest"),
        ("2026-01-08", "1011", "1020", "20.00", "Till"),
        ("2026-02-08", "1011", "1020", "5.00", "Till"),
        book=Book(chart),
    )
    return journal(book, migrate(book, 0), migrate(book, 5))


def old_log(tmp: Path) -> Path:
    """An audit log as an older version has written it."""
    from ledgerlite.audit.log import AuditLog

    log = AuditLog(tmp / "audit.jsonl", clock=lambda: "2025-12-31T12:00:00+00:00")
    transfer = {"date": "2026-01-05", "debit": "6100", "credit": "1020", "amount": "12.5", "memo": "Rent", "ref": "r"}
    legs = [["6200", "1.00"], ["6300", "2"], ["1020", "-3.00"]]
    log.append("ada", "post", transfer, 1)
    log.append("bo", "post_split", {"date": "2026-01-06", "legs": legs, "memo": "Both", "ref": None}, 2)
    log.append("ada", "reverse", {"number": 2, "date": None, "memo": None}, 3)
    log.append("ada", "reverse", {"number": 1, "date": "2026-02-01", "memo": "Wrong"}, 4)
    return log.path


@flow
def audit(tmp: Path) -> list[str]:
    from ledgerlite.audit import AuditedBook, AuditLog
    from ledgerlite.audit.books import replay, verify
    from ledgerlite.audit.log import read_log

    path = old_log(tmp)
    plain, log = Book(), AuditLog(clock=lambda: "now")
    audited = AuditedBook(log, "eve")
    counts = [replay(read_log(path), plain), replay(read_log(path), audited)]
    lines = journal(plain, counts, list(plain) == list(audited), verify(AuditLog(path), plain), verify(log, audited))
    lines += [json.dumps(record.body(), sort_keys=True) for record in log]
    broken = [record for record in read_log(path) if record.sequence in (2, 1)][1:]
    try:
        replay(broken, Book())
    except Exception as error:  # noqa: BLE001
        lines.append(f"{type(error).__name__}: {error}")
    return lines


@flow
def permissions(tmp: Path) -> list[str]:
    """Modules of the package write through a guarded book."""
    from ledgerlite.accruals import accrue_expense
    from ledgerlite.closing import opening_balances
    from ledgerlite.permissions import GuardedBook, Policy

    path = tmp / "policy.json"
    roles = {"clerk": {"permissions": ["post"], "limit": "100"}, "chief": {"permissions": ["post", "post_split", "reverse"]}}
    path.write_text(json.dumps({"roles": roles, "users": {"bo": ["clerk"], "ada": ["chief"]}}), encoding="utf-8")
    book = GuardedBook(Policy.load(path), "bo", today=day("2026-01-20"))
    lines = []
    for user, amount in (("bo", "101.00"), ("bo", "99.00"), ("ada", "500.00")):
        book.user = user
        try:
            accrue_expense(book, day("2026-01-15"), "6100", D(amount), "Rent")
        except Exception as error:  # noqa: BLE001
            lines.append(f"{type(error).__name__}: {error}")
    for user, when in (("bo", "2026-01-02"), ("ada", "2026-01-02"), ("ada", "2025-12-01")):
        book.user = user
        try:
            opening_balances(book, day(when), {"1020": D("5.00")})
        except Exception as error:  # noqa: BLE001
            lines.append(f"{type(error).__name__}: {error}")
    return journal(book) + lines


@flow
def scripts(tmp: Path) -> list[str]:
    from ledgerlite.workflow import run_script

    post = {"date": "2026-01-05", "debit": "6100", "credit": "$bank", "amount": "800.00", "memo": "Rent", "ref": "p"}
    steps = [
        {"action": "post", "as": "rent", "params": post},
        {"action": "post", "params": {"date": "2026-01-05", "debit": "6200", "credit": "1020", "amount": 1.5}},
        {"action": "split", "params": {"date": "2026-01-06", "legs": [["6200", "5.00"], ["1020", -5]], "ref": "s"}},
        {"action": "undo", "params": {"number": "$rent", "date": "2026-01-07", "memo": "No"}},
        {"action": "undo", "params": {"ref": "s"}},
        {"action": "archive", "params": {"code": "6900"}},
    ]
    book = Book()
    run = run_script(book, steps, {"bank": "1020"})
    lines = journal(book, run.entries, run.variables)
    bad = [
        {"action": "post", "params": {"date": "2026-01-05", "debitor": "1"}},
        {"action": "post", "params": {**post, "credit": "1020", "date": "5.1.2026"}},
        {"action": "undo", "params": {"number": 99}},
        {"action": "record_transfer", "params": {}},
    ]
    for step in bad:
        try:
            run_script(book, [step])
        except Exception as error:  # noqa: BLE001
            lines.append(f"{type(error).__name__}: {str(error)[:14]}")
    return lines


@flow
def approvals(tmp: Path) -> list[str]:
    from ledgerlite.notify.outbox import Outbox
    from ledgerlite.workflow import ApprovalDesk

    book, outbox = seeded(), Outbox()
    desk = ApprovalDesk(book, outbox, frozenset({"ada", "bo"}))
    legs = (("6100", D("1.00")), ("6200", D("2.00")), ("1020", D("-3.00")))
    desk.ask("bo", Draft.simple(day("2026-01-05"), "6100", "1020", D("5.00"), "Rent", "r"))
    desk.ask("bo", Draft(day("2026-01-05"), legs, "Three"))
    desk.ask("bo", Draft(day("2026-01-05"), (("1020", D("-2.00")), ("6100", D("2.00"))), "Turned"))
    made = [desk.approve(1, "ada"), desk.approve(2, "ada", day("2026-02-01")), desk.approve(3, "ada")]
    desk.ask_undo("bo", 2)
    desk.ask_undo("bo", 3)
    desk.ask_undo("bo", 4)
    made += [desk.approve(4, "ada"), desk.approve(5, "ada", day("2026-03-01")), desk.withdraw(6, "bo")]
    return journal(book, made, [message.body for message in outbox.waiting()])


@flow
def quickpost(tmp: Path) -> list[str]:
    from ledgerlite.contrib.quickpost import mileage, quick, split_bill, with_tip

    book = seeded()
    made = [
        quick(book, day("2026-01-05"), "Coffee beans 12,50"),
        quick(book, day("2026-01-05"), "Train 48 6900"),
        split_bill(book, day("2026-01-06"), 100.0, ["6200", "6300", "6900"]),
        split_bill(book, day("2026-01-06"), 7, ["6200", "6300"], "1010", "Lunch"),
        with_tip(book, day("2026-01-07"), 37.4, 10),
        with_tip(book, day("2026-01-07"), 40, 5.0, bank="1010"),
        mileage(book, day("2026-01-08"), 21.5),
        mileage(book, day("2026-01-08"), 120, 0.5),
    ]
    totals = [str(entry.total.normalize()) for entry in book]
    rows = [f"{e.accounts} {e.memo}" for e in book]
    return [*rows, repr(totals), repr(made)]


@flow
def webhooks(tmp: Path) -> list[str]:
    from ledgerlite.closing import opening_balances
    from ledgerlite.notify.outbox import Outbox, WebhookClient, announce_entries, digest

    bodies: list[str] = []

    def transport(url: str, body: bytes) -> int:
        bodies.append(body.decode())
        return 200

    book, outbox = Book(), Outbox()
    stop = announce_entries(book, WebhookClient("http://example.test", transport), minimum=10)
    opening_balances(book, day("2026-01-01"), {"1020": D("5.00")})
    opening_balances(book, day("2026-01-02"), {"1020": D("50.00")})
    stop()
    numbers = [digest(book, outbox, "ada", day("2026-01-02")), digest(book, outbox, "ada", day("2026-01-03"))]
    return [*bodies, repr(numbers), repr(outbox.waiting())]


@flow
def command_line(tmp: Path) -> list[str]:
    from ledgerlite.cli.main import main

    book, bank, script = tmp / "my.jsonl", tmp / "bank.csv", tmp / "script.json"
    bank.write_text("date,amount,text\n2026-01-08,-9.50,Paper\n", encoding="utf-8")
    script.write_text(json.dumps([{"action": "undo", "params": {"number": 1}}]), encoding="utf-8")
    commands = [
        "post 2026-01-05 6100 1020 800 --memo Rent --ref r",
        "post 2026-01-05 6100 1020 1,50",
        "post 2026-13-05 6100 1020 1.50",
        "split 2026-01-06 6200=5 6300=1.5 1020=-6.50 --memo Both",
        "reverse 2 --memo Wrong",
        "reverse 2",
        f"import {bank}",
        f"script {script}",
        "reverse 3 --date 2026-02-01",
        "balance 1020 1900",
    ]
    lines = [str(silently([str(book), "init"], main)[0])]
    for command in commands:
        code, out = silently([str(book), *command.split(" ")], main)
        lines.append(f"{code} {out}")
    return lines + [line for line in book.read_text(encoding="utf-8").splitlines() if '"entry"' in line]


def silently(argv: list[str], main: Callable[[list[str]], int]) -> tuple[int, str]:
    sink = io.StringIO()
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        code = main(argv)
    return code, sink.getvalue()
