"""The samples as one page to label: it opens offline, keeps answers in the browser, and saves them as the file that `audit --answers` reads."""

from __future__ import annotations

from collections.abc import Sequence

from harness.answer.audit.answers import SCHEMA
from harness.answer.audit.sheet import Sheet
from harness.report.page_format import FILTERS
from harness.report.page_frame import ours, policy, program, read, templates

ROOM = "harness.answer.pages"


def page(audit: str, sheets: Sequence[Sheet]) -> bytes:
    """UTF-8; every word of a model or tool is escaped, and what can't be seen is written out."""
    style = "\n".join((read(("look.css",)), read(("audit.css",), ROOM)))
    script = "\n".join((program(("theme.js",)), program(("audit.js",), ROOM)))
    text = templates(FILTERS, ROOM).get_template("audit.html.j2").render(
        audit=audit, sheets=sheets, schema=SCHEMA, policy=policy((script,), style, siblings=False), style=ours(style), script=ours(script),
    )  # fmt: skip
    return text.encode("utf-8", "backslashreplace")
