"""An Overview as one versioned JSON object; docs/json.md describes it."""

from __future__ import annotations

import msgspec

from harness.report.overview import Overview

SCHEMA = "longhaul.report/2"


def document(told: Overview) -> bytes:
    """The same numbers as the table, and every row whole."""
    about = told.about
    head = {"schema": SCHEMA, "run": about.run, "name": about.name, "created": about.created, "finished": about.finished, "harness": about.harness}
    body = {"host": about.host, "plan": _plan(about.plan), "notes": about.notes, "warnings": told.warnings}
    rest = {name: getattr(told, name) for name in told.__struct_fields__ if name != "about"}
    return msgspec.json.format(msgspec.json.encode(head | body | rest), indent=2)


def _plan(text: str) -> msgspec.Raw:
    """The plan as it was stored: it is JSON already."""
    return msgspec.Raw(text.encode() or b"null")
