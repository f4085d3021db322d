"""What the sub-commands do; each gets the book and its arguments and returns an exit code."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from decimal import Decimal

from ledgerlite.book import Book
from ledgerlite.closing import close_year
from ledgerlite.dates import as_date
from ledgerlite.entries import describe
from ledgerlite.errors import LedgerError
from ledgerlite.importers.loader import Loader
from ledgerlite.importers.rules import RuleBook, load_rules
from ledgerlite.money import coerce, format_amount
from ledgerlite.periods import Period, parse_period
from ledgerlite.reports.statements import balance_sheet, cash_flow, income_statement, trial_balance
from ledgerlite.reports.table import Table
from ledgerlite.storage import CURRENT, JsonLinesStore
from ledgerlite.workflow import actions

REPORTS: dict[str, Callable[[Book, Period], Table]] = {
    "trial": lambda book, period: trial_balance(book, period.last),
    "balance": lambda book, period: balance_sheet(book, period.last),
    "income": income_statement,
    "cash": cash_flow,
}


def run_init(store: JsonLinesStore, args: Namespace) -> int:
    if store.path.exists():
        raise LedgerError(f"{store.path} exists")
    store.save(Book(currency=args.currency), CURRENT)
    print(f"new book in {args.currency}: {store.path}")
    return 0


def run_post(book: Book, args: Namespace) -> int:
    receipt = book.record_transfer(
        coerce(args.amount),
        source=args.credit,
        target=args.debit,
        on=as_date(args.date),
        note=args.memo,
        reference=args.ref,
    )
    print(describe(book.entry(receipt.number)))
    return 0


def run_split(book: Book, args: Namespace) -> int:
    legs = [_leg(text) for text in args.legs]
    receipt = book.record_entry(
        legs, on=as_date(args.date), note=args.memo, reference=args.ref
    )
    print(describe(book.entry(receipt.number)))
    return 0


def run_reverse(book: Book, args: Namespace) -> int:
    day = as_date(args.date) if args.date else None
    receipt = book.record_reversal(args.number, on=day, note=args.memo)
    print(describe(book.entry(receipt.number)))
    return 0


def run_import(book: Book, args: Namespace) -> int:
    """Enter a bank file; exit code 1 when a line was refused."""
    rules = load_rules(args.rules) if args.rules else RuleBook()
    result = Loader(book, rules, args.bank).load_file(args.file)
    print(f"{len(result.entered)} entered, {result.known} known, {len(result.rejected)} rejected")
    for text in result.rejected:
        print(f"rejected: {text}")
    return 1 if result.rejected else 0


def run_balance(book: Book, args: Namespace) -> int:
    day = as_date(args.on) if args.on else None
    for code in args.codes:
        account = book.chart.get(code)
        amount = account.natural(book.balance(code, day))
        print(f"{code} {account.name}: {format_amount(amount, book.places)} {book.currency}")
    return 0


def run_report(book: Book, args: Namespace) -> int:
    table = REPORTS[args.kind](book, parse_period(args.period))
    print(table.csv() if args.csv else table.text(), end="")
    return 0


def run_close(book: Book, args: Namespace) -> int:
    report = close_year(book, as_date(args.date), force=args.force)
    for finding in report.findings:
        print(f"{finding.severity}: {finding.text}")
    print(f"closed {report.period.label}, result {format_amount(report.result, book.places)}")
    return 0


def run_script(book: Book, args: Namespace) -> int:
    run = actions.run_script(book, actions.load_script(args.file))
    for note in run.notes:
        print(note)
    print(f"{len(run.entries)} entries")
    return 0


def _leg(text: str) -> tuple[str, Decimal]:
    """Read ``CODE=AMOUNT``; credits carry a minus sign."""
    code, mark, amount = text.partition("=")
    if not mark:
        raise LedgerError(f"not a leg: {text!r}, expected CODE=AMOUNT")
    return code, coerce(amount)
