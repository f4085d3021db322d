"""Wrong ends of every point of `ledgerlite`, and other honest ones: from the solution's last tree, passages put in place of others."""

from __future__ import annotations

from collections.abc import Mapping

Swap = tuple[str, str, str]
"""(path, what stands there once, what comes in its place)."""

ERRORS, MONEY, LIMITS, DUNNING = "ledgerlite/errors.py", "ledgerlite/money.py", "ledgerlite/limits.py", "ledgerlite/invoices/dunning.py"
FEES, QUERIES, BOOK, COMPAT, BANK = "ledgerlite/fees.py", "ledgerlite/queries.py", "ledgerlite/book.py", "ledgerlite/compat.py", "ledgerlite/bankfile.py"
SERVICE, EXPORT, ENTRIES, POSTING, INIT = "ledgerlite/service.py", "ledgerlite/audit/export.py", "ledgerlite/entries.py", "ledgerlite/posting.py", "ledgerlite/__init__.py"
AUDITED, GUARDED, QUICK, MIGRATE = "ledgerlite/audit/books.py", "ledgerlite/permissions.py", "ledgerlite/contrib/quickpost.py", "ledgerlite/storage/migrate.py"
NOTE = "HANDOVER.md"

MUTANTS: Mapping[str, tuple[tuple[Swap, ...], ...]] = {
    "s01.1": (
        ((ERRORS, "class LimitExceeded(LedgerError):", "class LimitExceeded(Exception):"),),
        ((ERRORS, "class LimitExceeded(LedgerError):", "class LimitPassed(LedgerError):"), (LIMITS, "import LimitExceeded", "import LimitPassed as LimitExceeded")),
    ),
    "s01.2": (
        ((LIMITS, "if amount > limit:", "if amount >= limit:"),),
        ((LIMITS, "amount: Decimal, *, limit", "amount: Decimal, limit"),),
    ),
    "s02.1": (
        ((MONEY, "places, ROUND_HALF_DOWN)", "places, ROUND_HALF_EVEN)"),),
        ((MONEY, "places, ROUND_HALF_DOWN)", "places, ROUND_DOWN)"),),
    ),
    "s02.2": (
        ((DUNNING, "return round_fee(yearly", "return round_money(yearly"), (DUNNING, "percent, round_fee", "percent, round_money")),
        ((DUNNING, "return round_fee(yearly", "return round_tax(yearly"), (DUNNING, "percent, round_fee", "percent, round_tax")),
    ),
    "s02.3": (
        ((MONEY, "round_money(coerce(value), places, ROUND_HALF_DOWN)", "value.quantize(quantum(places), rounding=ROUND_HALF_DOWN)"),),
        ((MONEY, "round_money(coerce(value), places, ROUND_HALF_DOWN)", "round_money(value, places, ROUND_HALF_DOWN) if value.is_finite() else value"),),
    ),
    "s03.1": (
        ((FEES, "check_limit(round_fee(percent(amount, rate)), limit=MOST)", "check_limit(round_money(percent(amount, rate)), limit=MOST)"), (FEES, "percent, round_fee", "percent, round_money")),
        ((FEES, "source=bank, target=CHARGES", "source=CHARGES, target=bank"),),
    ),
    "s03.2": (
        ((FEES, "fee = check_limit(round_fee(percent(amount, rate)), limit=MOST)", "fee = round_fee(percent(amount, rate))"),),
        ((FEES, 'raise InvalidAmount(f"a payment', 'raise NotAFee(f"a payment'),),
    ),
    "s04.1": (
        ((QUERIES, "(-entry.total, entry.number)", "(entry.total, entry.number)"),),
        ((QUERIES, "found = [entry for entry in book if entry.date in period]", "found = list(book)"),),
    ),
    "s04.2": (
        ((QUERIES, "if not a.heading and not a.archived and", "if not a.archived and"),),
        ((QUERIES, "for entry in book if entry.date in period for code", "for entry in book for code"),),
    ),
    "s05.1": (
        ((FEES, "        if part\n", ""),),
        ((FEES, "parts = allocate(amount, [1] * len(accounts))", "parts = [round_fee(amount / len(accounts))] * len(accounts)"),),
    ),
    "s05.2": (
        ((FEES, 'raise InvalidAmount(f"{amount} can', 'raise NotAFee(f"{amount} can'),),
        ((FEES, "if amount <= 0 or not accounts:", "if not accounts:"),),
    ),
    "s07.1": (
        ((ENTRIES, "@dataclass(frozen=True, slots=True)\nclass Receipt:", "@dataclass\nclass Receipt:"),),
        ((INIT, '    "Receipt",\n', ""),),
    ),
    "s07.2": (
        ((BOOK, "make_legs(((target, value), (source, -value)))", "make_legs(((source, value), (target, -value)))"),),
        ((BOOK, "isinstance(amount, bool) or not isinstance(amount, Decimal | int)", "not isinstance(amount, Decimal | int)"),),
    ),
    "s07.3": (
        ((BOOK, "legs = make_legs((account, _exact(amount)) for account, amount in lines)", "legs = make_legs(list(lines)[:2])"),),
        ((BOOK, 'f"Reversal of #{number}" if note is None else note', 'note or f"Reversal of #{number}"'),),
    ),
    "s07.4": (
        ((POSTING, "if problems and not skip_invalid:", "if problems and skip_invalid:"),),
        ((POSTING, "*, skip_invalid: bool = False", "skip_invalid: bool = False"),),
    ),
    "s08.1": (
        ((COMPAT, "skip_invalid=not strict", "skip_invalid=strict"),),
        ((COMPAT, "source=credit, target=debit", "source=debit, target=credit"),),
    ),
    "s08.2": (
        ((COMPAT, "stacklevel=3", "stacklevel=2"),),
        ((COMPAT, "DeprecationWarning, stacklevel", "FutureWarning, stacklevel"),),
    ),
    "s08.3": (
        ((MIGRATE, '            warnings.simplefilter("ignore", DeprecationWarning)\n', ""),),
        ((MIGRATE, '"ignore", DeprecationWarning', '"default", DeprecationWarning'),),
    ),
    "s08.4": (
        (("README.md", "book.record_reversal(rent.number)", "book.reverse(rent.number)"),),
        (("README.md", "rent = book.record_transfer(", "rent = book.post("),),
    ),
    "s09.1": (
        ((AUDITED, 'self.user, "post", ', 'self.user, "record_transfer", '),),
        ((AUDITED, "def record_reversal(", "def record_back("),),
    ),
    "s09.2": (
        ((GUARDED, "def record_entry(", "def record_split("),),
        ((GUARDED, "def record_transfer(", "def post("),),
    ),
    "s09.3": (
        ((QUICK, "for code in (target, source):", "for code in (target,):"),),
        ((QUICK, "coerce(bill) * (1 + coerce(percent) / 100)", "coerce(float(bill) * (1 + float(percent) / 100))"),),
    ),
    "s10.1": (
        ((BANK, "2, ROUND_UP)", "2, ROUND_HALF_DOWN)"), (BANK, "import ROUND_UP", "import ROUND_HALF_DOWN")),
        ((BANK, '.2f}"', '}".rstrip("0")'),),
    ),
    "s10.2": (
        ((BANK, "{fee_field(percent(amount, rate))}", "{round_money(percent(amount, rate))}"),),
        ((BANK, "    if amount <= 0:\n", "    if amount < 0:\n"),),
    ),
    "s11.1": (
        (("ledgerlite/tax.py", "source=bank, target=SETTLEMENT", "source=SETTLEMENT, target=bank"),),
        (("ledgerlite/fx.py", "self.book.record_reversal(", "self.book.reverse("),),
    ),
    "s11.2": (
        (("ledgerlite/accruals.py", "from ledgerlite.book import Book\n", "from ledgerlite.book import Book\n\n\ndef _enter(book: Book, *given: object) -> int:\n    return book.post(*given)  # type: ignore[arg-type]\n\n"),),
        (("ledgerlite/depreciation.py", "source=ACCUMULATED, target=EXPENSE", "source=EXPENSE, target=ACCUMULATED"),),
    ),
    "s11.3": (
        (("ledgerlite/loans.py", "source=BANK, target=LIABILITY, on=day", "source=LIABILITY, target=BANK, on=day"),),
        (("ledgerlite/loans.py", "    paid_on = instalment.day if day is None else day\n", "    paid_on = instalment.day if day is None else day\n    if paid_on.year < 1970:\n        return book.post(paid_on, LIABILITY, BANK, instalment.principal)\n"),),
    ),
    "s12.1": (
        (("ledgerlite/payroll.py", "source=bank, target=TAX_PAYABLE", "source=TAX_PAYABLE, target=bank"),),
        (("ledgerlite/inventory.py", "from ledgerlite.book import Book\n", "from ledgerlite.book import Book\n\n\ndef _enter(book: Book, *given: object) -> int:\n    return book.post(*given)  # type: ignore[arg-type]\n\n"),),
    ),
    "s12.2": (
        (("ledgerlite/closing.py", "from ledgerlite.book import Book\n", "from ledgerlite.book import Book\n\n\ndef _back(book: Book, number: int) -> int:\n    return book.reverse(number)\n\n"),),
        (("ledgerlite/budgets.py", "from ledgerlite.book import Book\n", "from ledgerlite.book import Book\n\n\ndef _enter(book: Book, *given: object) -> int:\n    return book.post_split(*given)  # type: ignore[arg-type]\n\n"),),
    ),
    "s12.3": (
        (("ledgerlite/recurring.py", "from ledgerlite.book import Book\n", "from ledgerlite.book import Book\n\n\ndef _enter(book: Book, *given: object) -> int:\n    return book.post(*given)  # type: ignore[arg-type]\n\n"),),
        (("ledgerlite/recurring.py", 'not in ("post", "post_split")', 'not in ("post", "record_entry")'),),
    ),
    "s13.1": (
        (("ledgerlite/invoices/receivables.py", "source=RECEIVABLE, target=bank", "source=bank, target=RECEIVABLE"),),
        (("ledgerlite/invoices/receivables.py", "from ledgerlite.book import Book\n", "from ledgerlite.book import Book\n\n\ndef _back(book: Book, number: int) -> int:\n    return book.reverse(number)\n\n"),),
    ),
    "s13.2": (
        ((DUNNING, "self.outbox.post(", "self.outbox.record_transfer("),),
        ((DUNNING, '                source="4900",\n                target="1100",', '                source="1100",\n                target="4900",'),),
    ),
    "s13.3": (
        (("ledgerlite/bills.py", "from ledgerlite.book import Book\n", "from ledgerlite.book import Book\n\n\ndef _back(book: Book, number: int) -> int:\n    return book.reverse(number)\n\n"),),
        (("ledgerlite/bills.py", "tracked.gross, source=self.bank, target=PAYABLE, on=day", "tracked.gross, source=PAYABLE, target=self.bank, on=day"),),
    ),
    "s14.1": (
        (("ledgerlite/importers/loader.py", "from ledgerlite.posting import record_all", "from ledgerlite.posting import post_batch, record_all"),),
        (("ledgerlite/reconcile.py", "from ledgerlite.book import Book\n", "from ledgerlite.book import Book\n\n\ndef _enter(book: Book, *given: object) -> int:\n    return book.post(*given)  # type: ignore[arg-type]\n\n"),),
    ),
    "s14.2": (
        (("ledgerlite/storage/sqlite.py", "skip_invalid=not strict", "skip_invalid=strict"),),
        (("ledgerlite/storage/sqlite.py", "import record_all", "import post_batch, record_all"),),
    ),
    "s14.3": (
        (("ledgerlite/cli/commands.py", "book.record_reversal(", "book.reverse("),),
        (("ledgerlite/cli/commands.py", "book.record_transfer(", "book.post("),),
    ),
    "s15.1": (
        (("ledgerlite/workflow/actions.py", "BOOK_ACTIONS[name](book, **ready).number", "getattr(book, 'post')(**ready)"),),
        (("ledgerlite/workflow/approvals.py", "from ledgerlite.book import Book\n", "from ledgerlite.book import Book\nfrom ledgerlite.posting import post_batch  # noqa: F401\n"),),
    ),
    "s15.2": (
        ((FEES, "book.record_transfer(fee, source=bank, target=CHARGES, on=day, note=note).number", "book.post(day, CHARGES, bank, fee, note)"),),
        ((FEES, "book.record_transfer(fee, source=bank, target=CHARGES, on=day, note=note).number", "book.record_transfer(fee, source=bank, target=CHARGES, on=day, note=note)"),),
    ),
    "s16.1": (
        ((FEES, 'note=f"Fee refunded, was #{number}")', 'note=f"Fee refunded, was #{number}").number'),),
        ((FEES, "book.record_reversal(number, on=day, note", "book.record_reversal(number, note"),),
    ),
    "s16.2": (
        ((FEES, "    if CHARGES not in book.entry(number).accounts:\n", "    if number < 1:\n"),),
        ((ERRORS, "class NotAFee(LedgerError):", "class NotAFee(Exception):"),),
    ),
    "s17.1": (
        ((EXPORT, 'OPENING = "LLX-7Q4K-0931"', 'OPENING = "LLX-7Q4K-0913"'),),
        ((EXPORT, "{format_amount(leg.amount, book.places, grouping=False)}", "{-leg.amount}"),),
    ),
    "s17.2": (
        ((EXPORT, '"".join(f"{line}\\n" for line in lines)', '"\\n".join(lines)'),),
        ((EXPORT, "return len(lines)", "return len(lines) - 1"),),
    ),
    "s18.1": (
        ((FEES, 'CLEARING = "1947"', 'CLEARING = "1974"'),),
        ((FEES, "source=income, target=CLEARING", "source=CLEARING, target=income"),),
    ),
    "s18.2": (
        ((FEES, "    check_limit(amount, limit=book.balance(CLEARING))\n", ""),),
        ((FEES, "source=CLEARING, target=bank", "source=bank, target=CLEARING"),),
    ),
    "s19.1": (
        ((SERVICE, "charge = round_fee(_charge(amount, rate))", "charge = Decimal(fee_field(_charge(amount, rate)))"),),
        ((SERVICE, "source=INCOME, target=RECEIVABLE", "source=RECEIVABLE, target=INCOME"),),
    ),
    "s19.2": (
        ((SERVICE, "{fee_field(_charge(amount, rate))}", "{round_fee(_charge(amount, rate))}"),),
        ((SERVICE, 'CREDITOR = "DE71ZZZ00000460822"', 'CREDITOR = "DE71ZZZ00000460882"'),),
    ),
    "s20.1": (
        ((NOTE, "- ledgerlite.contrib.quickpost\n", ""),),
        ((NOTE, "- ledgerlite.limits\n", "- ledgerlite.limits\n- ledgerlite.accounts\n"),),
    ),
    "s20.2": (
        ((NOTE, "`docs/conventions.md`", "the paper"),),
        ((NOTE, "## Open", "## Left"),),
    ),
}  # fmt: skip

EQUIVALENTS: Mapping[str, tuple[Swap, ...]] = {
    "functions-in-another-order": (
        (BANK, 'def fee_field(value: Decimal) -> str:\n    """An amount with two places and a point; any fraction of a cent goes up."""\n    return f"{round_money(value, 2, ROUND_UP):.2f}"\n\n\n', ""),
        (BANK, '    return f"FEE;{reference};{fee_field(percent(amount, rate))}"\n', '    return f"FEE;{reference};{fee_field(percent(amount, rate))}"\n\n\ndef fee_field(value: Decimal) -> str:\n    """An amount as the bank wants it."""\n    return str(value.quantize(Decimal("0.01"), rounding=ROUND_UP))\n'),
        (BANK, "from ledgerlite.money import percent, round_money", "from ledgerlite.money import percent"),
    ),
    "imported-by-another-name": (
        (FEES, "from ledgerlite.limits import check_limit", "from ledgerlite import limits as bounds"),
        (FEES, "fee = check_limit(", "fee = bounds.check_limit("),
        (FEES, "    check_limit(amount, limit=book", "    bounds.check_limit(amount, limit=book"),
    ),
    "no-helper-and-other-text": (
        (SERVICE, "    charge = round_fee(_charge(amount, rate))\n", "    exact = _charge(amount, rate)\n    charge = round_fee(exact)\n"),
        (SERVICE, 'f"COL;{CREDITOR};{reference};{fee_field(_charge(amount, rate))}"', '";".join(("COL", CREDITOR, reference, fee_field(_charge(amount, rate))))'),
    ),
    "a-plain-loop": (
        (QUERIES, "    return [a.code for a in book.chart if not a.heading and not a.archived and a.code not in moved]\n",
         "    found = []\n    for account in book.chart:\n        if not (account.heading or account.archived or account.code in moved):\n            found.append(account.code)\n    return found\n"),
    ),
}  # fmt: skip
