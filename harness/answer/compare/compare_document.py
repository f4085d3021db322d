"""An answer as one versioned JSON object; docs/json.md describes it."""

from __future__ import annotations

import msgspec

from harness.answer.compare.comparison import Answer

SCHEMA = "longhaul.compare/1"


def document(told: Answer) -> bytes:
    """Every figure that the other outputs say, and each task with its trials."""
    body = {"schema": SCHEMA, **{name: getattr(told, name) for name in told.__struct_fields__}}
    return msgspec.json.format(msgspec.json.encode(body), indent=2)
