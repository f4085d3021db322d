"""The book: a chart, a calendar and the journal, with the only ways to write into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date as Date
from decimal import Decimal

from ledgerlite.accounts import Chart, small_business_chart
from ledgerlite.currency import minor_units
from ledgerlite.dates import as_date
from ledgerlite.entries import Draft, Entry, Leg, make_legs
from ledgerlite.errors import (
    AlreadyReversed,
    DuplicateReference,
    InvalidAmount,
    LedgerError,
    StorageError,
    UnknownEntry,
)
from ledgerlite.money import ZERO, check_places, coerce
from ledgerlite.periods import FiscalCalendar

Listener = Callable[[Entry], None]


class Book:
    """A double-entry book in one currency.

    Entries are appended by :meth:`post`, :meth:`post_split` and :meth:`reverse`, never
    changed and never removed.  Every write passes ``_append``, which checks the period,
    the accounts, the precision of amounts and the uniqueness of references.
    """

    def __init__(
        self, chart: Chart | None = None, calendar: FiscalCalendar | None = None, currency: str = "EUR"
    ) -> None:
        self.chart = chart if chart is not None else small_business_chart()
        self.calendar = calendar if calendar is not None else FiscalCalendar()
        self.currency = currency
        self.places = minor_units(currency)
        self._entries: list[Entry] = []
        self._refs: dict[str, int] = {}
        self._reversed_by: dict[int, int] = {}
        self._balances: dict[str, Decimal] = {}
        self._listeners: list[Listener] = []

    # -- writing -----------------------------------------------------------------

    def post(
        self,
        date: Date | str,
        debit: str,
        credit: str,
        amount: Decimal | int | str | float,
        memo: str = "",
        ref: str | None = None,
    ) -> int:
        """Enter one debit and one credit of the same positive amount.

        ``date`` may be an ISO text and ``amount`` anything that :func:`money.coerce` reads.
        Returns the number of the new entry.
        """
        value = coerce(amount)
        if value <= 0:
            raise InvalidAmount(f"the amount of an entry must be positive, found {value}")
        legs = make_legs(((debit, value), (credit, -value)))
        return self._append(as_date(date), legs, memo, ref).number

    def post_split(
        self,
        date: Date | str,
        legs: Iterable[tuple[str, Decimal]],
        memo: str = "",
        ref: str | None = None,
    ) -> int:
        """Enter any number of (account, amount) legs that add up to zero; debits are positive.

        Returns the number of the new entry.
        """
        return self._append(as_date(date), make_legs(legs), memo, ref).number

    def reverse(self, number: int, date: Date | str | None = None, memo: str | None = None) -> int:
        """Enter the opposite of an entry, on its own date unless told otherwise.

        Raises UnknownEntry, or AlreadyReversed at a second attempt.  Returns the number of
        the reversing entry.
        """
        original = self.entry(number)
        if number in self._reversed_by:
            raise AlreadyReversed(f"entry {number} was reversed by {self._reversed_by[number]}")
        day = original.date if date is None else as_date(date)
        text = f"Reversal of #{number}" if memo is None else memo
        legs = tuple(Leg(leg.account, -leg.amount) for leg in original.legs)
        return self._append(day, legs, text, None, reverses=number).number

    def restore(self, entry: Entry) -> None:
        """Take over an entry that a store has kept; checks order and balance, not periods."""
        if entry.number != len(self._entries) + 1:
            raise StorageError(f"entry {entry.number} found where {len(self._entries) + 1} belongs")
        if sum((leg.amount for leg in entry.legs), ZERO) != 0:
            raise StorageError(f"entry {entry.number} does not balance")
        self._keep(entry)

    def _append(
        self,
        day: Date,
        legs: tuple[Leg, ...],
        memo: str,
        ref: str | None,
        reverses: int | None = None,
    ) -> Entry:
        self.calendar.require_open(day)
        for leg in legs:
            self.chart.usable(leg.account)
            check_places(leg.amount, self.places)
        if ref is not None and ref in self._refs:
            raise DuplicateReference(f"reference {ref!r} stands on entry {self._refs[ref]}")
        entry = Entry(len(self._entries) + 1, day, legs, memo, ref, reverses)
        self._keep(entry)
        for listener in self._listeners:
            listener(entry)
        return entry

    def _keep(self, entry: Entry) -> None:
        self._entries.append(entry)
        if entry.ref is not None:
            self._refs[entry.ref] = entry.number
        if entry.reverses is not None:
            self._reversed_by[entry.reverses] = entry.number
        for leg in entry.legs:
            self._balances[leg.account] = self._balances.get(leg.account, ZERO) + leg.amount

    # -- reading -----------------------------------------------------------------

    def entry(self, number: int) -> Entry:
        if not 1 <= number <= len(self._entries):
            raise UnknownEntry(f"no entry {number}")
        return self._entries[number - 1]

    def find_ref(self, ref: str) -> Entry | None:
        """The entry that carries a reference, if any."""
        number = self._refs.get(ref)
        return None if number is None else self.entry(number)

    def reversal_of(self, number: int) -> Entry | None:
        """The entry that reversed another one, if any."""
        by = self._reversed_by.get(number)
        return None if by is None else self.entry(by)

    def balance(self, account: str, as_of: Date | None = None) -> Decimal:
        """Debit-positive balance of one account, up to and including a day."""
        self.chart.get(account)
        if as_of is None:
            return self._balances.get(account, ZERO)
        return sum(
            (entry.amount_for(account) for entry in self._entries if entry.date <= as_of), ZERO
        )

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every new entry; the returned function ends that."""
        self._listeners.append(listener)

        def cancel() -> None:
            self._listeners.remove(listener)

        return cancel

    def problems_of(self, draft: Draft) -> list[str]:
        """Why a draft cannot be entered now; an empty list means that it can."""
        found: list[str] = []
        if not self.calendar.is_open(draft.date):
            found.append(f"{draft.date.isoformat()} lies in a closed period")
        if draft.ref is not None and draft.ref in self._refs:
            found.append(f"reference {draft.ref!r} stands on entry {self._refs[draft.ref]}")
        try:
            for leg in make_legs(draft.legs):
                self.chart.usable(leg.account)
                check_places(leg.amount, self.places)
        except LedgerError as error:
            found.append(str(error))
        return found
