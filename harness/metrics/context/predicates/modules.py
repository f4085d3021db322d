"""Bytes to the facts of a module: decoded and parsed within bounds, never compiled to run; nothing an agent writes can raise here."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from typing import Final

from harness.metrics.context.predicates.facts import Module
from harness.metrics.context.predicates.walk import Reader

MOST: Final = 1 << 19
"""Bytes of a module that is read; a longer one counts as one that does not parse, as no maintainer keeps such a file by hand."""
_CODECS: Final = ("utf-8", "utf-8-sig", "utf8", "ascii", "us-ascii", "iso-8859-", "latin", "cp125", "windows-125", "koi8-", "euc", "shift", "gb", "big5")
"""Beginnings of encodings that a coding line may name; others (punycode, unicode_escape ...) run Python code of unknown cost."""


def parsed(data: bytes) -> Module | None:
    """None for what is no module: too long, not decodable, not the syntax of this Python, or nested too deep for it."""
    if len(data) > MOST:
        return None
    try:
        text = _decoded(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Reader().read(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError, LookupError):
        return None


def _decoded(data: bytes) -> str:
    """As Python itself would: a mark of UTF-8 and a coding line are heeded. Raises SyntaxError, ValueError."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    if not encoding.lower().replace("_", "-").startswith(_CODECS):
        raise ValueError(encoding)
    return data.decode(encoding)
