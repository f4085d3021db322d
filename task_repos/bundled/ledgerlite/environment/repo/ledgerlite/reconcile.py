"""Reconciliation: matching bank lines with entries and booking what the bank did alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ledgerlite.book import Book
from ledgerlite.entries import Entry
from ledgerlite.errors import LedgerError
from ledgerlite.importers.statement import StatementLine
from ledgerlite.money import ZERO, total
from ledgerlite.queries import is_live


@dataclass(frozen=True, slots=True)
class Match:
    """A line with the entries that explain it, and how sure we are from 0 to 100."""

    line: StatementLine
    entries: tuple[int, ...]
    score: int


@dataclass(slots=True)
class Session:
    """One bank statement under reconciliation; entries before ``begins`` are settled already."""

    book: Book
    bank: str
    lines: list[StatementLine]
    closing: Decimal
    tolerance_days: int = 5
    begins: date = date.min
    matches: list[Match] = field(default_factory=list)

    def open_lines(self) -> list[StatementLine]:
        done = {match.line.fingerprint for match in self.matches}
        return [line for line in self.lines if line.fingerprint not in done]

    def open_entries(self) -> list[Entry]:
        """Live entries of the bank account that no match has used."""
        used = {number for match in self.matches for number in match.entries}
        return [
            entry
            for entry in self.book
            if entry.date >= self.begins
            and entry.number not in used
            and self.bank in entry.accounts
            and is_live(self.book, entry)
        ]

    def match_automatically(self, threshold: int = 60) -> list[Match]:
        """Pair lines with single entries, best scores first; each is used at most once."""
        pairs = [
            (score(self, line, entry), line, entry)
            for line in self.open_lines()
            for entry in self.open_entries()
        ]
        pairs.sort(key=lambda pair: (-pair[0], pair[1].day, pair[2].number))
        made: list[Match] = []
        lines: set[str] = set()
        entries: set[int] = set()
        for points, line, entry in pairs:
            if points < threshold or line.fingerprint in lines or entry.number in entries:
                continue
            lines.add(line.fingerprint)
            entries.add(entry.number)
            made.append(Match(line, (entry.number,), points))
        self.matches.extend(made)
        return made

    def match_group(self, line: StatementLine, numbers: Iterable[int]) -> Match:
        """Explain one line by several entries, such as a collective deposit."""
        chosen = tuple(numbers)
        moved = total(self.book.entry(number).amount_for(self.bank) for number in chosen)
        if moved != line.amount:
            raise LedgerError(f"entries move {moved}, the line {line.amount}")
        match = Match(line, chosen, 100)
        self.matches.append(match)
        return match

    def book_line(self, line: StatementLine, account: str, memo: str = "") -> int:
        """Enter what the bank did alone (fees, interest) and match it; returns the entry number."""
        ref = f"bank:{self.bank}:{line.fingerprint}"
        text = memo or line.text
        if line.amount < 0:
            number = self.book.post(line.day, account, self.bank, -line.amount, text, ref)
        else:
            number = self.book.post(line.day, self.bank, account, line.amount, text, ref)
        self.matches.append(Match(line, (number,), 100))
        return number

    def book_difference(
        self, line: StatementLine, number: int, account: str, limit: Decimal = Decimal("5.00")
    ) -> int:
        """Match a line with an entry that is off by a little, and book the difference."""
        difference = line.amount - self.book.entry(number).amount_for(self.bank)
        if difference == 0 or abs(difference) > limit:
            raise LedgerError(f"a difference of {difference} can't be booked")
        legs = [(self.bank, difference), (account, -difference)]
        memo = f"Difference on #{number}"
        extra = self.book.post_split(legs=legs, date=line.day, memo=memo)
        self.matches.append(Match(line, (number, extra), 90))
        return extra

    def correct(self, number: int, day: date) -> int:
        """Take back an entry that the bank never saw; returns the reversal's number."""
        if any(number in match.entries for match in self.matches):
            raise LedgerError(f"entry {number} is matched")
        return self.book.reverse(number, day, memo=f"Never on the bank statement: #{number}")

    def difference(self) -> Decimal:
        """Closing balance of the bank less our balance, corrected by open entries."""
        last = max((line.day for line in self.lines), default=date.max)
        ours = self.book.balance(self.bank, as_of=last)
        pending = [e.amount_for(self.bank) for e in self.open_entries() if e.date <= last]
        return self.closing - (ours - total(pending))

    def finished(self) -> bool:
        return not self.open_lines() and self.difference() == 0


def score(session: Session, line: StatementLine, entry: Entry) -> int:
    """How well an entry explains a line; 0 when amounts differ or days are too far apart."""
    if entry.amount_for(session.bank) != line.amount:
        return 0
    apart = abs((entry.date - line.day).days)
    if apart > session.tolerance_days:
        return 0
    points = 70 - 5 * apart
    words = set(_words(line.text)) | set(_words(line.partner))
    shared = words & set(_words(entry.memo))
    return min(100, points + 15 * len(shared))


def _words(text: str) -> list[str]:
    return [word for word in text.casefold().replace(",", " ").split() if len(word) > 3]


def start(
    book: Book,
    bank: str,
    lines: Iterable[StatementLine],
    opening: Decimal = ZERO,
    begins: date = date.min,
) -> Session:
    """Open a session for lines whose opening balance is known."""
    kept = list(lines)
    closing = opening + total(line.amount for line in kept)
    return Session(book, bank, kept, closing, begins=begins)
