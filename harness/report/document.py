"""A Summary as one versioned JSON object; docs/json.md describes it."""

from __future__ import annotations

import msgspec

from harness.report.summary import Summary

SCHEMA = "longhaul.report/1"


def document(told: Summary, name: str, created: str, harness: str) -> bytes:
    """The same numbers as the table, and every row whole."""
    body = {"schema": SCHEMA, "name": name, "created": created, "harness": harness, **msgspec.to_builtins(told)}
    return msgspec.json.format(msgspec.json.encode(body), indent=2)
