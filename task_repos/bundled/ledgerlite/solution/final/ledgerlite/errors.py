"""Every exception that ledgerlite raises on purpose, with one common root."""

from __future__ import annotations


class LedgerError(Exception):
    """Root of all errors that a caller of ledgerlite is expected to handle."""


class InvalidAmount(LedgerError, ValueError):
    """A number that cannot stand as money: not finite, not positive, too precise."""


class InvalidDate(LedgerError, ValueError):
    """A text that is no calendar date."""


class LimitExceeded(LedgerError):
    """An amount above what is allowed."""


class NotAFee(LedgerError):
    """An entry that was taken for a fee and touches no bank charges."""


class UnknownAccount(LedgerError, KeyError):
    """An account code that the chart does not hold."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"no account {self.code!r} in the chart"


class AccountLocked(LedgerError):
    """An account that takes no entries: a heading, or one that has been archived."""


class DuplicateAccount(LedgerError):
    """A code that is already taken in the chart."""


class UnbalancedEntry(LedgerError):
    """Legs whose amounts do not add up to zero, or fewer than two of them."""


class DuplicateReference(LedgerError):
    """A reference that another entry of the book already carries."""


class PeriodClosed(LedgerError):
    """A date that lies in a period which has been closed."""


class UnknownEntry(LedgerError, LookupError):
    """An entry number that the book does not hold."""


class AlreadyReversed(LedgerError):
    """A second reversal of the same entry."""


class CurrencyMismatch(LedgerError):
    """Two amounts of different currencies where one currency is needed."""


class MissingRate(LedgerError, LookupError):
    """No exchange rate is known for a pair of currencies on a date."""


class NotPermitted(LedgerError):
    """A user tried what the policy does not allow."""

    def __init__(self, user: str, action: str, reason: str = "") -> None:
        self.user = user
        self.action = action
        detail = f": {reason}" if reason else ""
        super().__init__(f"{user} may not {action}{detail}")


class ImportFailed(LedgerError):
    """A bank file that cannot be read; carries the line where reading stopped."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.line = line
        where = f"line {line}: " if line is not None else ""
        super().__init__(where + message)


class StorageError(LedgerError):
    """A store that is damaged, or newer than this version of ledgerlite."""


class BatchRejected(LedgerError):
    """A batch of drafts of which at least one cannot be entered; nothing was entered."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))
