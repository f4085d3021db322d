"""Invoices, reminders, bills, bank files and reconciliation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ledgerlite import Book
from ledgerlite.bills import Bill, Payables, State
from ledgerlite.errors import BatchRejected, DuplicateReference, ImportFailed, LedgerError
from ledgerlite.importers import StatementLine, read_file
from ledgerlite.importers.formats import read_csv, read_mt940, read_ofx, read_qif
from ledgerlite.importers.loader import Loader, move_from_suspense, recode
from ledgerlite.importers.rules import Rule, RuleBook, coverage, learn
from ledgerlite.invoices import Invoice, InvoiceLine, Numbering, Receivables
from ledgerlite.invoices.documents import render
from ledgerlite.invoices.dunning import Dunning
from ledgerlite.notify.outbox import Outbox, WebhookClient, announce_entries, digest
from ledgerlite.reconcile import start
from ledgerlite.tax import TaxTable

day = date.fromisoformat
eur = Decimal


def invoice(number: str, price: str, on: str = "2026-01-10") -> Invoice:
    return Invoice(number, "Lovelace Ltd", day(on), (InvoiceLine("Work", eur(2), eur(price)),))


@pytest.fixture
def ledger(book: Book, taxes: TaxTable) -> Receivables:
    made = Receivables(book, taxes)
    made.issue(invoice("2026-0001", "50.00"))
    return made


def test_invoices_render_with_their_taxes(taxes: TaxTable) -> None:
    lines = (
        InvoiceLine("Bread", eur(3), eur("2.00"), "reduced", discount=eur("50")),
        InvoiceLine("Knife", eur(1), eur("10.00")),
    )
    text = render(Invoice("2026-0007", "Ada", day("2026-01-10"), lines), taxes, 40)
    assert "3 x Bread (-50%)                    3.00" in text
    assert "Total                              15.11" in text
    assert text.endswith("Payable until 2026-01-24\n")


def test_numbers_run_by_year() -> None:
    numbering = Numbering("R-")
    numbering.resume("R-2026-0041")
    assert numbering.next(day("2026-02-01")) == "R-2026-0042"
    assert numbering.next(day("2027-02-01")) == "R-2027-0001"


def test_invoices_are_paid_in_parts_and_too_much(ledger: Receivables) -> None:
    ledger.pay("2026-0001", day("2026-01-20"), eur("100.00"))
    assert ledger.item("2026-0001").open == eur("19.00")
    ledger.pay("2026-0001", day("2026-01-21"), eur("25.00"))
    assert ledger.item("2026-0001").open == 0
    assert ledger.book.balance("2500") == eur("-6.00")
    ledger.issue(invoice("2026-0002", "1.00"))
    assert ledger.use_deposit("2026-0002", day("2026-01-22")) is not None
    assert ledger.book.balance("2500") == eur("-3.62")
    assert ledger.open_items() == []


def test_returned_payments_open_the_invoice_again(ledger: Receivables) -> None:
    ledger.pay("2026-0001", day("2026-01-20"), eur("119.00"))
    ledger.bounce("2026-0001", day("2026-01-25"), eur("4.00"))
    assert ledger.item("2026-0001").open == eur("119.00")
    assert ledger.book.balance("6300") == eur("4.00")
    with pytest.raises(LedgerError, match="no payment"):
        ledger.bounce("2026-0001", day("2026-01-26"))


def test_discounts_end_in_time(ledger: Receivables) -> None:
    with pytest.raises(LedgerError, match="ended after 10 days"):
        ledger.pay_with_discount("2026-0001", day("2026-01-21"), eur("2"), 10)
    ledger.pay_with_discount("2026-0001", day("2026-01-20"), eur("2"), 10)
    assert ledger.book.balance("1020") == eur("116.62")


def test_credit_notes_in_full_reverse_the_entry(ledger: Receivables) -> None:
    number = ledger.credit("2026-0001", day("2026-01-15"))
    assert ledger.book.entry(number).reverses == 1
    assert ledger.book.balance("4000") == ledger.book.balance("2100") == 0


def test_credit_notes_in_part_and_write_offs(ledger: Receivables) -> None:
    ledger.credit("2026-0001", day("2026-01-15"), eur("50"))
    assert ledger.item("2026-0001").open == eur("59.50")
    number = ledger.write_off("2026-0001", day("2026-03-01"))
    assert ledger.book.entry(number).amount_for("6600") == eur("50.00")
    assert ledger.book.balance("2100") == 0
    assert ledger.book.balance("1100") == 0


def test_aging_sorts_by_days_overdue(ledger: Receivables) -> None:
    ledger.issue(invoice("2026-0002", "100.00", "2026-03-01"))
    buckets = ledger.aging(day("2026-03-01"))
    assert buckets["current"] == eur("238.00")
    assert buckets["31-60"] == eur("119.00")


def test_reminders_go_out_once_per_level(ledger: Receivables) -> None:
    outbox = Outbox()
    dunning = Dunning(ledger, outbox, interest=eur("10"))
    assert dunning.run(day("2026-01-25")) == []
    assert dunning.run(day("2026-02-01")) == ["2026-0001"]
    assert dunning.run(day("2026-02-02")) == []
    assert dunning.run(day("2026-02-20")) == ["2026-0001"]
    assert "Fee: 5.00" in outbox.waiting()[1].body
    assert ledger.book.balance("4900") == eur("-6.14")
    assert dunning.history() == {"2026-0001": "Second reminder"}


def test_letters_can_be_taken_back_until_they_are_sent() -> None:
    outbox = Outbox()
    first, second = outbox.post("ada", "one"), outbox.post("bo", "two")
    assert outbox.reverse(first) is True
    assert outbox.flush(lambda message: None) == 1
    assert outbox.reverse(second) is False
    assert [message.body for message in outbox.sent()] == ["two"]


def test_webhooks_hear_of_large_entries_and_retry(book: Book) -> None:
    answers, bodies = [503, 200, 500, 500, 500], []

    def transport(url: str, body: bytes) -> int:
        bodies.append(body)
        return answers.pop(0)

    client = WebhookClient("http://example.test", transport)
    announce_entries(book, client, minimum=10)
    book.post(day("2026-01-05"), "6100", "1020", eur("9.00"))
    book.post(day("2026-01-05"), "6100", "1020", eur("10.00"), "Rent")
    book.reverse(2)
    assert len(bodies) == 5 and len(client.failed) == 1
    outbox = Outbox()
    assert digest(book, outbox, "ada", day("2026-01-05")) == 1
    assert outbox.waiting()[0].body.splitlines()[1:] == ["#3 10.00 Reversal of #2", "#2 10.00 Rent", "#1 9.00"]
    assert digest(book, outbox, "ada", day("2026-01-06")) is None


@pytest.fixture
def payables(funded: Book, taxes: TaxTable) -> Payables:
    made = Payables(funded, taxes)
    made.enter(Bill("acme", "17", day("2026-01-05"), eur("100.00"), "6200", discount=eur("3"), discount_days=10))
    made.enter(Bill("mill", "9", day("2026-01-05"), eur("40.00"), "5000", "reduced", terms=14))
    return made


def test_bills_are_paid_after_approval(payables: Payables) -> None:
    with pytest.raises(LedgerError, match="entered, not approved"):
        payables.pay("bill:acme:17", day("2026-01-10"))
    payables.approve("bill:acme:17")
    number = payables.pay("bill:acme:17", day("2026-01-10"))
    assert payables.book.entry(number).amount_for("4900") == eur("-3.57")
    assert payables.get("bill:acme:17").state is State.PAID
    assert payables.open_total() == eur("42.80")


def test_payment_runs_respect_urgency_and_budget(payables: Payables) -> None:
    payables.approve("bill:acme:17")
    payables.approve("bill:mill:9")
    assert payables.payment_run(day("2026-01-10")) == []
    assert [t.bill.supplier for t in payables.urgent(day("2026-01-19"))] == ["mill"]
    assert payables.payment_run(day("2026-01-14"), eur("100.00")) == []
    assert len(payables.payment_run(day("2026-02-04"), eur("150.00"))) == 1


def test_bills_are_cancelled_and_paid_in_part(payables: Payables) -> None:
    number = payables.cancel("bill:mill:9", day("2026-01-06"))
    assert payables.book.entry(number).memo == "Cancelled bill:mill:9"
    payables.approve("bill:acme:17")
    payables.part_payment("bill:acme:17", day("2026-01-20"), eur("19.00"))
    payables.pay("bill:acme:17", day("2026-02-01"))
    assert payables.book.balance("2000") == 0
    with pytest.raises(DuplicateReference):
        payables.enter(Bill("acme", "17", day("2026-01-05"), eur("1.00"), "6200"))


MT940 = """:20:STARTUMS
:60F:C260101EUR100,00
:61:2601050105C50,25NTRF//B1
:86:Invoice 2026-0001
 Lovelace
:61:260106D20,25NMSC//B2
:86:Bank charge
:62F:C260131EUR130,00
-
"""
OFX = """<OFX><STMTTRN><DTPOSTED>20260105120000<TRNAMT>-12.50<FITID>F1<NAME>Cafe<MEMO>Lunch
</STMTTRN><STMTTRN><DTPOSTED>20260106</DTPOSTED><TRNAMT>7.00</TRNAMT><NAME>Ada</NAME></STMTTRN></OFX>
"""
QIF = "!Type:Bank\nD1/5'26\nT-1,234.50\nPLandlord\nMRent\n^\n"


def test_formats_are_read_alike() -> None:
    first, second = read_mt940(MT940)
    assert (first.day, first.amount, first.text) == (day("2026-01-05"), eur("50.25"), "Invoice 2026-0001 Lovelace")
    assert (second.amount, second.bank_id) == (eur("-20.25"), "B2")
    lunch, ada = read_ofx(OFX)
    assert (lunch.amount, lunch.text, lunch.bank_id) == (eur("-12.50"), "Lunch", "F1")
    assert (ada.day, ada.text) == (day("2026-01-06"), "Ada")
    (rent,) = read_qif(QIF)
    assert (rent.day, rent.amount, rent.partner) == (day("2026-01-05"), eur("-1234.50"), "Landlord")
    german = "Buchungstag;Betrag;Verwendungszweck;Beguenstigter\n05.01.2026;-1.234,50;Miete  Januar;Haus\n"
    assert read_csv(german)[0].text == "Miete Januar"


def test_bad_files_name_their_line() -> None:
    with pytest.raises(ImportFailed, match="line 3"):
        read_csv("date,amount,text\n2026-01-05,1.00,ok\n2026-01-06,one,bad\n")
    with pytest.raises(ImportFailed, match="closes at 131"):
        read_mt940(MT940.replace("EUR130,00", "EUR131,00"))
    with pytest.raises(ImportFailed, match="not ended"):
        read_qif(QIF.replace("^\n", ""))


def test_equal_lines_of_a_file_stay_two(tmp_path: Path, book: Book) -> None:
    path = tmp_path / "bank.csv"
    path.write_text("date,amount,text\n2026-01-05,-2.00,Coffee\n2026-01-05,-2.00,Coffee\n", encoding="utf-8")
    loader = Loader(book, RuleBook([Rule("6200", "coffee")]))
    assert len(loader.load(read_file(path)).entered) == 2
    assert loader.load_file(path).known == 2
    with pytest.raises(ImportFailed, match="no reader"):
        read_file(tmp_path / "bank.pdf")


def lines() -> list[StatementLine]:
    return [
        StatementLine(day("2026-01-12"), eur("119.00"), "Invoice 2026-0001 thanks", "Lovelace"),
        StatementLine(day("2026-01-13"), eur("-11.90"), "Paper", "Office shop"),
        StatementLine(day("2026-01-14"), eur("-5.00"), "Mystery"),
    ]


def test_lines_settle_invoices_split_tax_or_wait(ledger: Receivables, taxes: TaxTable) -> None:
    rules = RuleBook([Rule("6200", partner="office", incoming=False, maximum=eur("100"))])
    loader = Loader(ledger.book, rules, receivables=ledger, taxed={"6200": "standard"}, table=taxes)
    result = loader.load(lines())
    assert (len(result.entered), result.rejected) == (3, [])
    assert ledger.open_items() == []
    assert ledger.book.balance("1300") == eur("1.90")
    assert ledger.book.balance("1900") == eur("5.00")
    move_from_suspense(ledger.book, result.entered[2], "6900")
    assert ledger.book.balance("1900") == 0
    assert coverage(rules, lines()) == eur(1) / 3
    back, new = recode(ledger.book, result.entered[1], "6200", "6900")
    assert ledger.book.entry(new).amount_for("6900") == eur("10.00")
    assert ledger.book.entry(back).memo.startswith("Recoded 6200 to 6900")


def test_batches_of_lines_are_atomic_or_lenient(book: Book) -> None:
    loader = Loader(book, RuleBook([Rule("9999", "mystery")]))
    with pytest.raises(BatchRejected):
        loader.load_atomically(lines())
    assert len(book) == 0
    result = loader.load_leniently(lines())
    assert (result.entered, result.rejected) == ([1, 2], ["refused"])
    assert loader.load_atomically(lines()[:2]).known == 2
    assert loader.load(lines()).rejected[0].endswith("no account '9999' in the chart")


def test_rules_are_learned_from_the_journal(book: Book) -> None:
    for month in (1, 2, 3):
        book.post(date(2026, month, 5), "6100", "1020", eur("9.00"), "Landlord rent")
        book.post(date(2026, month, 6), "6200" if month < 3 else "6900", "1020", eur("9.00"), "Shop")
    (rule,) = learn(book, "1020")
    assert rule.account == "6100"
    assert rule.fits(StatementLine(day("2026-04-05"), eur("-9.00"), "LANDLORD April"))


def test_reconciliation_matches_and_books_the_rest(funded: Book) -> None:
    funded.post(day("2026-01-11"), "1020", "1100", eur("119.00"), "Payment Lovelace")
    funded.post(day("2026-01-13"), "6200", "1020", eur("11.50"), "Paper")
    funded.post(day("2026-01-13"), "6200", "1020", eur("77.00"), "Never sent")
    session = start(funded, "1020", lines(), eur("10000.00"), day("2026-01-10"))
    (match,) = session.match_automatically()
    assert (match.entries, match.score) == ((2,), 80)
    session.book_difference(session.lines[1], 3, "6300")
    session.book_line(session.lines[2], "6300", "Charge")
    session.correct(4, day("2026-01-13"))
    assert funded.balance("6300") == eur("5.40")
    assert session.finished() is True
    with pytest.raises(LedgerError, match="is matched"):
        session.correct(2, day("2026-01-14"))


def test_one_line_may_stand_for_several_entries(funded: Book) -> None:
    for amount in ("100.00", "19.00"):
        funded.post(day("2026-01-11"), "1020", "1100", eur(amount))
    session = start(funded, "1020", lines()[:1])
    with pytest.raises(LedgerError, match="entries move 100.00"):
        session.match_group(session.lines[0], [2])
    assert session.match_group(session.lines[0], [2, 3]).score == 100
    assert session.open_lines() == []
