"""A call's raw arguments as the object that servers want back, and text made safe for UTF-8; pure."""

from __future__ import annotations

import json
import re

UNREAD = "unreadable_arguments"
LONE = re.compile("[\ud800-\udfff]")


def as_object(raw: str) -> dict[str, object]:
    """The object that the raw text says; text that is no JSON object goes back whole under one key, so that nothing is lost."""
    try:
        value = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        return {UNREAD: scalar(raw)}
    return value if isinstance(value, dict) else {UNREAD: scalar(raw)}


def as_raw(value: object) -> str:
    """The JSON text of arguments that a server gave as an object, or the text itself where it gave text."""
    if isinstance(value, str):
        return value
    return json.dumps({} if value is None else value, ensure_ascii=False)


def scalar(text: str) -> str:
    """The text without lone surrogates, which no UTF-8 body can carry; each becomes U+FFFD."""
    return LONE.sub("\ufffd", text)
