"""Values that nobody knew beforehand and that look like any other: numbers and words drawn from a nonce and a place."""

from __future__ import annotations

import ast
import hashlib
import string

import msgspec

WORDS = (
    "amber", "anchor", "basket", "beacon", "birch", "bridge", "cedar", "cinder", "clover", "copper", "coral", "crater", "dapple", "delta",
    "drift", "ember", "fallow", "fern", "field", "flint", "garnet", "glade", "gravel", "harbor", "hazel", "heron", "indigo", "island",
    "juniper", "kettle", "lantern", "larch", "ledger", "linen", "lumen", "mallow", "maple", "marble", "meadow", "mirror", "nickel", "oaken",
    "olive", "orchard", "paddle", "pebble", "pepper", "pine", "quarry", "quill", "ribbon", "river", "saddle", "sage", "silver", "slate",
    "spruce", "stone", "timber", "topaz", "umber", "valley", "willow", "zephyr",
)  # fmt: skip


_LARGEST = 10**300
"""Beyond some thousand digits Python refuses to write a number out."""


class Draw(msgspec.Struct, frozen=True):
    """The same nonce and place give the same values, for ever."""

    nonce: str
    place: str

    def number(self, of: str, low: int, high: int) -> int:
        """In low..high, both included; `of` tells several numbers of one place apart."""
        digest = hashlib.sha256(f"{self.nonce}\0{self.place}\0{of}".encode("utf-8", "surrogatepass")).digest()
        return low + int.from_bytes(digest[:8], "big") % (high - low + 1)

    def word(self, of: str) -> str:
        return WORDS[self.number(of, 0, len(WORDS) - 1)]

    def name(self, of: str) -> str:
        """An identifier of two words."""
        return f"{self.word(of + ' first')}_{self.word(of + ' second')}"

    def stranger(self) -> int:
        """A number that no honest result holds by chance."""
        return self.number("stranger", 100_000_007, 987_654_321)

    def constant(self, value: object) -> str:
        """Python text of another value of the same type; "" where there is none to be had."""
        match value:
            case bool():
                return str(not value)
            case int():
                return "" if abs(value) > _LARGEST else repr(value + self.number("number", 1, 9))
            case float() | complex():
                return _text(value + self.number("number", 1, 9), value)
            case str():
                return ascii(self._string(value))
            case bytes():
                return repr(value + self.word("word").encode())
            case None:
                return repr(self.number("number", 10, 99))
            case _:
                return ""

    def _string(self, value: str) -> str:
        """One letter or digit is another; what holds neither gets a word."""
        places = [index for index, sign in enumerate(value) if sign.isascii() and sign.isalnum()]
        if not places:
            return value + self.word("word")
        at = places[self.number("sign", 0, len(places) - 1)]
        kind = next(kind for kind in (string.digits, string.ascii_lowercase, string.ascii_uppercase) if value[at] in kind)
        other = kind[(kind.index(value[at]) + self.number("turn", 1, len(kind) - 1)) % len(kind)]
        return value[:at] + other + value[at + 1 :]


def _text(changed: complex, value: complex) -> str:
    """Beyond a float's precision nothing changes, and infinity has no literal: such a value is left to others."""
    text = repr(changed)
    return text if changed != value and "inf" not in text and "nan" not in text else ""


def literal(node: ast.expr) -> bool:
    """Constants, and containers whose outer form is written out."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)
    return isinstance(node, ast.Constant | ast.List | ast.Tuple | ast.Set | ast.Dict)
