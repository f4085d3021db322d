"""Text that every format can hold: what XML, JSON or a terminal can't take is written out, never dropped."""

from __future__ import annotations

import re

from harness.report.story import safe

_UNSPEAKABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""Lone surrogates, which UTF-8 can't hold, and what XML 1.0 forbids beside the control characters."""


def visible(text: str) -> str:
    r"""The text with control and direction characters, surrogates and noncharacters written out, as \x1b or \ud800."""
    return _UNSPEAKABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", safe(text))
