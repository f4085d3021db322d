"""A Loss as one versioned JSON object; docs/json.md describes it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from harness.core.findings import Finding
from harness.metrics.context.account import Account
from harness.report.context.loss import Loss

SCHEMA = "longhaul.context/1"


def document(told: Loss, accounts: Sequence[Account] = (), found: Sequence[tuple[Account, Finding]] | None = None) -> bytes:
    """Every figure finite: an open bound of an interval is null. `accounts`: whole, where they were asked for; `found`: findings of a kind, so, too."""
    more: dict[str, Any] = {"accounts": msgspec.to_builtins(tuple(accounts))} if accounts else {}
    if found is not None:
        more["findings"] = [{"trial": account.trial, **msgspec.to_builtins(each)} for account, each in found]
    body = {"schema": SCHEMA, **msgspec.to_builtins(told), **more}
    return msgspec.json.format(msgspec.json.encode(finite(body)), indent=2)


def finite(value: Any) -> Any:
    """Without infinities, what is no number and lone surrogates, none of which JSON can hold."""
    if isinstance(value, dict):
        return {finite(key): finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(each) for each in value]
    if isinstance(value, str):
        return value if value.isascii() else lone(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def lone(words: str) -> str:
    """With surrogates that stand alone written out: a path may be no UTF-8, JSON must be."""
    return words.encode("utf-8", "backslashreplace").decode()
