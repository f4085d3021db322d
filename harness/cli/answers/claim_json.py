"""Claims and what was found of them as JSON, schema longhaul.claims/1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from harness.answer.claim.checking import Check, Checked, Terms
from harness.answer.claim.claims import Claim
from harness.answer.claim.registry import Registry
from harness.cli.answers.claim_runs import Evidence

SCHEMA = "longhaul.claims/1"


def listed(held: Registry, claims: Iterable[Claim]) -> bytes:
    """`claim list`."""
    return _encoded({"schema": SCHEMA, "date": held.date, "claims": [_claim(each) for each in claims]})


def told(held: Registry, done: Iterable[Checked], found: Evidence, terms: Terms) -> bytes:
    """`claim check`."""
    head = {"schema": SCHEMA, "date": held.date, "tolerance": terms.tolerance, "attempts_assumed": terms.attempts, "runs": found.runs}
    return _encoded(head | {"left_out": [list(pair) for pair in found.left_out], "checks": [_checked(each) for each in done]})


def _claim(claim: Claim) -> dict[str, Any]:
    held: dict[str, Any] = msgspec.to_builtins(claim.entry)
    return held | {
        "share": claim.share, "model": msgspec.to_builtins(claim.model), "source": msgspec.to_builtins(claim.source), "protocol": msgspec.to_builtins(claim.protocol),
        "benchmark": {"id": claim.benchmark.id, "name": claim.benchmark.name, "tasks": claim.benchmark.tasks, "sources": list(claim.benchmark.sources)},
    }  # fmt: skip


def _checked(done: Checked) -> dict[str, Any]:
    return {
        "claim": _claim(done.claim), "word": done.word, "reason": done.reason, "counted": done.counted, "attempts": list(done.attempts),
        "sample": msgspec.to_builtins(done.behind), "needed": msgspec.to_builtins(done.needed), "against": [_check(each) for each in done.checks],
    }  # fmt: skip


def _check(check: Check) -> dict[str, Any]:
    found = check.observed
    return {
        "runs": list(found.runs), "model": found.who.model, "agent": found.who.agent, "variant": found.who.variant, "tasks": found.tasks,
        "all_tasks": found.all_tasks, "attempts": found.attempts, "pooled": found.pooled, "broken": found.side.broken, "word": check.word, "reason": check.reason,
        "cases": msgspec.to_builtins(check.reckonings), "departures": msgspec.to_builtins(check.departures),
    }  # fmt: skip


def _encoded(body: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(body), indent=2)
