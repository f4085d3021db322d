"""Rules that say which account a bank line belongs to."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ledgerlite.book import Book
from ledgerlite.errors import StorageError
from ledgerlite.importers.statement import StatementLine
from ledgerlite.money import ZERO


@dataclass(frozen=True, slots=True)
class Rule:
    """The first rule that fits wins; every condition that is given must hold."""

    account: str
    pattern: str = ""
    partner: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    incoming: bool | None = None
    memo: str = ""

    def fits(self, line: StatementLine) -> bool:
        if self.incoming is not None and self.incoming != (line.amount > 0):
            return False
        if self.partner and self.partner.casefold() not in line.partner.casefold():
            return False
        if self.minimum is not None and abs(line.amount) < self.minimum:
            return False
        if self.maximum is not None and abs(line.amount) > self.maximum:
            return False
        return not self.pattern or re.search(self.pattern, line.text, re.IGNORECASE) is not None


class RuleBook:
    """Rules in order, with a default account for what none fits."""

    def __init__(self, rules: Iterable[Rule] = (), default: str = "1900") -> None:
        self.rules = list(rules)
        self.default = default

    def decide(self, line: StatementLine) -> tuple[str, str]:
        """Account and memo for a line; the line's own text serves where a rule gives no memo."""
        for rule in self.rules:
            if rule.fits(line):
                return rule.account, rule.memo or line.text
        return self.default, line.text

    def unused(self, lines: Iterable[StatementLine]) -> list[Rule]:
        """Rules that decided nothing, candidates for removal."""
        used = set()
        for line in lines:
            index = next((i for i, rule in enumerate(self.rules) if rule.fits(line)), None)
            used.add(index)
        return [rule for index, rule in enumerate(self.rules) if index not in used]


def learn(book: Book, bank: str, at_least: int = 3) -> list[Rule]:
    """Propose rules from the journal: memos that always went to one account."""
    seen: dict[str, Counter[str]] = {}
    for entry in book:
        if bank not in entry.accounts or len(entry.accounts) != 2:
            continue
        words = re.findall(r"[^\W\d]{4,}", entry.memo)
        if words:
            other = entry.counterparts(bank)[0]
            seen.setdefault(words[0].casefold(), Counter())[other] += 1
    rules = []
    for word, accounts in sorted(seen.items()):
        account, count = accounts.most_common(1)[0]
        if len(accounts) == 1 and count >= at_least:
            rules.append(Rule(account, pattern=rf"\b{re.escape(word)}\b"))
    return rules


def load_rules(path: Path) -> RuleBook:
    """Read rules from JSON: ``{"default": code, "rules": [{"account": ..., ...}]}``."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rules = [_rule(record) for record in data["rules"]]
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{path}: {error!r}") from error
    return RuleBook(rules, data.get("default", "1900"))


def _rule(record: dict[str, object]) -> Rule:
    known = dict(record)
    for bound in ("minimum", "maximum"):
        if known.get(bound) is not None:
            known[bound] = Decimal(str(known[bound]))
    return Rule(**known)  # type: ignore[arg-type]


def coverage(rules: RuleBook, lines: Iterable[StatementLine]) -> Decimal:
    """Share of lines, from 0 to 1, that some rule decides."""
    decided = [any(rule.fits(line) for rule in rules.rules) for line in lines]
    return Decimal(sum(decided)) / len(decided) if decided else ZERO
