"""Details of a page as blocks of text that nothing in them can end: JSON, deflated, in base64; a browser opens one when it is asked for."""

from __future__ import annotations

import base64
import json
import zlib

import msgspec

LEVEL = 6


def block(value: object) -> str:
    """The value as text of [A-Za-z0-9+/=] only."""
    return base64.b64encode(zlib.compress(_written(value), LEVEL)).decode("ascii")


def _written(value: object) -> bytes:
    """JSON. Lone surrogates are kept: UTF-8 can't write them, escapes can."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode("ascii")


def opened(text: str) -> object:
    """What a block holds."""
    return json.loads(zlib.decompress(base64.b64decode(text)))


def element(name: str, text: str) -> str:
    """The block inside the page."""
    return f'<script type="application/x-longhaul" id="b-{name}">{text}</script>\n'


def script(name: str, text: str) -> str:
    """The block as a file that a script element loads: a page opened from a disk may load scripts, but not read files."""
    return f'longhaul_take("{name}","{text}");\n'


def inert(value: object) -> str:
    """JSON for a script element of the page: no `<`, so that nothing can close the element or open a comment."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
