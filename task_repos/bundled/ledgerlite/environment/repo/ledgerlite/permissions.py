"""Who may write what: roles, a policy, and a book that asks it before every entry."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date as Date
from decimal import Decimal
from pathlib import Path

from ledgerlite.accounts import Chart
from ledgerlite.book import Book
from ledgerlite.dates import as_date
from ledgerlite.errors import NotPermitted, StorageError
from ledgerlite.money import coerce, total
from ledgerlite.periods import FiscalCalendar

PERMISSIONS = frozenset({"post", "post_split", "reverse", "backdate"})


@dataclass(frozen=True, slots=True)
class Role:
    """What its holders may do.  Permission names are written in policy files.

    ``limit`` bounds the total of one entry, ``accounts`` the codes by prefix (empty = all).
    """

    name: str
    permissions: frozenset[str]
    limit: Decimal | None = None
    accounts: tuple[str, ...] = ()

    def may_use(self, account: str) -> bool:
        return not self.accounts or account.startswith(self.accounts)


BOOKKEEPER = Role("bookkeeper", frozenset({"post", "post_split", "reverse"}))
CLERK = Role("clerk", frozenset({"post"}), Decimal(1000))
AUDITOR = Role("auditor", frozenset())


class Policy:
    """Users and their roles; a user may do what any of the roles allows."""

    def __init__(self) -> None:
        self._roles: dict[str, list[Role]] = {}

    def grant(self, user: str, role: Role) -> None:
        unknown = role.permissions - PERMISSIONS
        if unknown:
            raise StorageError(f"role {role.name}: unknown permission {sorted(unknown)[0]!r}")
        self._roles.setdefault(user, []).append(role)

    def revoke(self, user: str, name: str) -> None:
        self._roles[user] = [role for role in self._roles.get(user, []) if role.name != name]

    def require(self, user: str, action: str, accounts: Iterable[str], amount: Decimal) -> None:
        """Raise NotPermitted, with the nearest reason, unless some role allows the action."""
        reason = "no role allows it"
        used = tuple(accounts)
        for role in self._roles.get(user, []):
            if action not in role.permissions:
                continue
            if role.limit is not None and amount > role.limit:
                reason = f"{amount} is above the limit of {role.limit}"
            elif not all(role.may_use(account) for account in used):
                reason = "an account is outside the role"
            else:
                return
        raise NotPermitted(user, action, reason)

    @classmethod
    def load(cls, path: Path) -> Policy:
        """Read ``{"roles": {name: {"permissions": [...], ...}}, "users": {user: [names]}}``."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            roles = {name: _role(name, record) for name, record in data["roles"].items()}
            policy = cls()
            for user, names in data["users"].items():
                for name in names:
                    policy.grant(user, roles[name])
        except (KeyError, TypeError, ValueError) as error:
            raise StorageError(f"{path}: {error!r}") from error
        return policy


def _role(name: str, record: dict[str, object]) -> Role:
    limit = record.get("limit")
    return Role(
        name,
        frozenset(record["permissions"]),  # type: ignore[call-overload]
        None if limit is None else Decimal(str(limit)),
        tuple(record.get("accounts", ())),  # type: ignore[arg-type]
    )


class GuardedBook(Book):
    """A book in the hands of one user; every write is checked against a policy first."""

    def __init__(
        self,
        policy: Policy,
        user: str,
        chart: Chart | None = None,
        calendar: FiscalCalendar | None = None,
        currency: str = "EUR",
        today: Date | None = None,
    ) -> None:
        super().__init__(chart, calendar, currency)
        self.policy = policy
        self.user = user
        self.today = today

    def post(
        self,
        date: Date | str,
        debit: str,
        credit: str,
        amount: Decimal | int | str | float,
        memo: str = "",
        ref: str | None = None,
    ) -> int:
        self.policy.require(self.user, "post", (debit, credit), coerce(amount))
        self._check_day(as_date(date))
        return super().post(date, debit, credit, amount, memo, ref)

    def post_split(
        self,
        date: Date | str,
        legs: Iterable[tuple[str, Decimal]],
        memo: str = "",
        ref: str | None = None,
    ) -> int:
        kept = list(legs)
        moved = total(amount for _, amount in kept if amount > 0)
        self.policy.require(self.user, "post_split", [code for code, _ in kept], moved)
        self._check_day(as_date(date))
        return super().post_split(date, kept, memo, ref)

    def reverse(self, number: int, date: Date | str | None = None, memo: str | None = None) -> int:
        original = self.entry(number)
        self.policy.require(self.user, "reverse", original.accounts, original.total)
        self._check_day(original.date if date is None else as_date(date))
        return super().reverse(number, date, memo)

    def _check_day(self, day: Date) -> None:
        """Entries before this month need a permission of their own."""
        if self.today is not None and day < self.today.replace(day=1):
            self.policy.require(self.user, "backdate", (), Decimal(0))
