"""The four-eyes principle: one person asks, another one approves, only then it is entered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum

from ledgerlite.book import Book
from ledgerlite.entries import Draft
from ledgerlite.errors import LedgerError, NotPermitted
from ledgerlite.notify.outbox import Outbox


class Verdict(str, Enum):
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants entered, with its fate."""

    key: int
    asker: str
    draft: Draft | None = None
    undo: int | None = None
    verdict: Verdict = Verdict.WAITING
    decided_by: str = ""
    entry: int | None = None
    letter: int | None = None

    @property
    def title(self) -> str:
        if self.draft is not None:
            return self.draft.memo or f"entry of {self.draft.date.isoformat()}"
        return f"reversal of #{self.undo}"


class ApprovalDesk:
    """Requests of a book, with letters to the approver."""

    def __init__(self, book: Book, outbox: Outbox, approvers: frozenset[str]) -> None:
        self.book = book
        self.outbox = outbox
        self.approvers = approvers
        self._requests: list[Request] = []

    def ask(self, asker: str, draft: Draft) -> Request:
        """Ask for an entry; a draft that can't be entered anyway is refused at once."""
        problems = self.book.problems_of(draft)
        if problems:
            raise LedgerError("; ".join(problems))
        return self._add(Request(len(self._requests) + 1, asker, draft=draft))

    def ask_undo(self, asker: str, number: int) -> Request:
        """Ask for the reversal of an entry."""
        self.book.entry(number)
        return self._add(Request(len(self._requests) + 1, asker, undo=number))

    def approve(self, key: int, approver: str, day: date | None = None) -> int:
        """Enter what was asked for; nobody approves their own request.

        A day moves the entry, for requests that waited over a closing.
        """
        request = self._waiting(key)
        self._require_other(request, approver)
        number = self._enter(request, day)
        self._decide(request, Verdict.APPROVED, approver, number)
        self.outbox.post(request.asker, f"Approved: {request.title} is entry {number}")
        return number

    def refuse(self, key: int, approver: str, reason: str) -> None:
        request = self._waiting(key)
        self._require_other(request, approver)
        self._decide(request, Verdict.REFUSED, approver, None)
        self.outbox.post(request.asker, f"Refused: {request.title} ({reason})")

    def withdraw(self, key: int, asker: str) -> bool:
        """Take a request back; returns whether the approvers' letter could be stopped too."""
        request = self._waiting(key)
        if request.asker != asker:
            raise NotPermitted(asker, "withdraw", f"request {key} is {request.asker}'s")
        self._decide(request, Verdict.WITHDRAWN, asker, None)
        return request.letter is not None and self.outbox.reverse(request.letter)

    def waiting(self, minimum: Decimal = Decimal(0)) -> list[Request]:
        """Requests without a verdict that move at least an amount."""
        return [
            request
            for request in self._requests
            if request.verdict is Verdict.WAITING and self._amount(request) >= minimum
        ]

    def _amount(self, request: Request) -> Decimal:
        if request.draft is not None:
            return sum((a for _, a in request.draft.legs if a > 0), Decimal(0))
        assert request.undo is not None
        return self.book.entry(request.undo).total

    def _enter(self, request: Request, day: date | None) -> int:
        if request.draft is None:
            assert request.undo is not None
            return self.book.record_reversal(request.undo, on=day).number
        draft = request.draft
        if len(draft.legs) == 2 and draft.legs[0][1] > 0:
            (debit, amount), (credit, _) = draft.legs
            return self.book.record_transfer(
                amount,
                source=credit,
                target=debit,
                on=day or draft.date,
                note=draft.memo,
                reference=draft.ref,
            ).number
        return self.book.record_entry(
            draft.legs, on=day or draft.date, note=draft.memo, reference=draft.ref
        ).number

    def _add(self, request: Request) -> Request:
        names = ", ".join(sorted(self.approvers))
        letter = self.outbox.post(names, f"{request.asker} asks for: {request.title}")
        kept = replace(request, letter=letter)
        self._requests.append(kept)
        return kept

    def _waiting(self, key: int) -> Request:
        if not 1 <= key <= len(self._requests):
            raise LedgerError(f"no request {key}")
        request = self._requests[key - 1]
        if request.verdict is not Verdict.WAITING:
            raise LedgerError(f"request {key} is {request.verdict.value}")
        return request

    def _require_other(self, request: Request, approver: str) -> None:
        if approver not in self.approvers:
            raise NotPermitted(approver, "approve", "not an approver")
        if approver == request.asker:
            raise NotPermitted(approver, "approve", "own request")

    def _decide(self, request: Request, verdict: Verdict, by: str, entry: int | None) -> None:
        self._requests[request.key - 1] = replace(request, verdict=verdict, decided_by=by, entry=entry)
