"""Whether words that stand in for lost ones say something else: a former value, a value with a slip in it, or a ban without its "not"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from harness.core.memory import Item
from harness.core.patterns import expression

SHORTEST = 5
"""Characters of a value that a slip of one or two can be told in: shorter ones have too many honest neighbours."""
TWO_SLIPS = 8
"""Characters from which two slips are looked for; below it one."""
SHARED = 0.6
"""Share of an item's content words that a line must hold to be a statement of it."""
TOKEN = re.compile(r"[\w][\w.\-/:]*[\w]|\w")
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w]|\.\d)")
BAN = re.compile(
    r"\b(?:not|never|no|none|nor|without|neither|cannot|must ?n.t|do ?n.t|does ?n.t|should ?n.t|can.?t|won.t|avoid\w*|forbid\w*|forbidden|ban(?:s|ned)?"
    r"|prohibit\w*|refrain\w*|except|unless|untouched|unchanged|frozen|freeze|read-only|off.limits|leave|keep out|stay out|exclud\w*|disallow\w*|instead of"
    r"|nicht|nie|niemals|kein\w*|ohne|verboten|jamais|pas|sans|nunca|jamás|sin|mai|senza)\b|不|勿|禁止|なし|ない|не\b|нельзя|никогда",
    re.IGNORECASE,
)
_STOP = frozenset((
    "that", "this", "with", "from", "have", "must", "shall", "will", "they", "them", "then", "when", "what", "which", "your", "into",
    "over", "each", "every", "only", "also", "than", "there", "here",
))  # fmt: skip


def exposes(item: Item, text: str) -> bool:
    """Whether any fingerprint of the item stands in the words."""
    return any(expression(p[3:], lines=True).found(text) if p.startswith("re:") else p in text for p in item.fingerprints)


def wrong(item: Item, fresh: Sequence[str], known: Iterable[str]) -> str:
    """What the fresh words say in place of the item, "" for nothing. `known`: all words of the view before, whose own values are no slips."""
    return _former(item, fresh) or _slipped(item, fresh, tuple(known)) or _other_number(item, fresh)


def _former(item: Item, fresh: Sequence[str]) -> str:
    for value in item.former:
        if value and any(re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) for text in fresh):
            return f"the former value {value!r} stands in its place"
    return ""


def _slipped(item: Item, fresh: Sequence[str], known: tuple[str, ...]) -> str:
    for value in _nonces(item):
        for token in _tokens(fresh):
            if near(value, token, 2 if len(value) >= TWO_SLIPS else 1) and not any(token in text for text in known):
                return f"{token!r} stands in place of {value!r}"
    return ""


def _nonces(item: Item) -> tuple[str, ...]:
    """Values that nobody inflects: long enough, and more than a plain word."""
    each = dict.fromkeys((item.value, *(word for word in item.fingerprints if not word.startswith("re:"))))
    return tuple(value for value in each if len(value) >= SHORTEST and not value.isalpha() and TOKEN.fullmatch(value))


def _tokens(texts: Sequence[str]) -> Iterator[str]:
    return iter(dict.fromkeys(token for text in texts for token in TOKEN.findall(text)))


def near(value: str, token: str, most: int) -> bool:
    """Whether one becomes the other by 1 to `most` slips of a character; never true of equals or of one that holds the other."""
    if abs(len(value) - len(token)) > most or value == token or value in token or token in value:
        return False
    row = list(range(len(token) + 1))
    for i, left in enumerate(value, 1):
        corner, row[0] = row[0], i
        for j, right in enumerate(token, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (left != right))
        if min(row) > most:
            return False
    return row[-1] <= most


def _other_number(item: Item, fresh: Sequence[str]) -> str:
    """A line that states the item with another number than its own."""
    if not NUMBER.fullmatch(item.value):
        return ""
    for line in (line for text in fresh for line in text.splitlines()):
        numbers = NUMBER.findall(line)
        if numbers and item.value not in numbers and states(item, line):
            return f"{numbers[0]} stands in place of {item.value}"
    return ""


def states(item: Item, line: str) -> bool:
    """Whether most of the item's content words stand in the line."""
    words = content(item.text)
    return bool(words) and len(words & content(line)) >= SHARED * len(words)


def content(text: str) -> frozenset[str]:
    """Words of four letters and more, lower case, none of those that stand everywhere."""
    return frozenset(word for word in re.findall(r"[^\W\d_]{4,}", text.lower()) if word not in _STOP)


def unbanned(item: Item, fresh: Sequence[str]) -> str:
    """The sentence that states a ban's subject without any word of banning, "" where there is none or one that keeps it."""
    if not BAN.search(item.text):
        return ""
    told = [sentence for text in fresh for sentence in re.split(r"(?<=[.!?;])\s+|\n+", text) if exposes(item, sentence)]
    bare = [sentence for sentence in told if not BAN.search(sentence) and states(item, sentence)]
    return bare[0].strip() if told and len(bare) == len(told) else ""
