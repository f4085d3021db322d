"""Standing rules: sentences that ask for something that goes on holding, in requests and in the prose files an agent has looked at; pure.

Found by words, so that some of them ask for nothing: they cost a little room and take nothing away.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import msgspec

from agents.window import outputs
from harness.core.chat import ToolCall, View

STANDING = re.compile(
    r"\b(?:never|always|must|do not|don['\u2019]t|does not|not allowed|may not|may only|shall|should not|shouldn['\u2019]t|cannot|can['\u2019]t|forbidden"
    r"|every|whenever|everywhere|throughout|no longer|any more|from now on|at all times|at no point|without exception|under no circumstances"
    r"|keep|instead of|unless|only ever)\b",
    re.IGNORECASE,
)
PROSE = re.compile(r"\.(?:md|rst|adoc)\b|\b(?:AGENTS|CLAUDE|CONTRIBUTING|CONVENTIONS|HACKING|README|STYLE)\b(?:\.\w{1,8})?")
"""The end of the name of a file that speaks to people. What code says of itself holds for its callers, not for who changes it."""
PATH = string.ascii_letters + string.digits + "_./-"
LONGEST = 600
"""Characters: no rule for a worker is longer; what is, is a paragraph without full stops."""
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_BULLET = re.compile(r"^\s*(?:[-*+>]\s+|#+\s+)+")
_HEADING = re.compile(r"^\s*#")
_NEW = re.compile(r"^\s*(?:[-*+>|#]|\d+(?:\.\d+)*[.)]?\s)")
_END = re.compile(r"(?<=[.!?])(?<!^\d\.)(?<!^\d\d\.)[\"')*\]]*\s+(?=[\"'`*(\[A-Z0-9])")
_NUMBERED = re.compile(r"^ *\d+\t")
_NOTICE = re.compile(r"^\[.*\]$")


class Told(msgspec.Struct, frozen=True):
    """A rule as it stands in the message of that id; white space is one space each. `file`: whose words they are, "" for a request's."""

    words: str
    message: str
    file: str = ""


def standing(text: str) -> tuple[str, ...]:
    """The standing sentences of a text, in its order and once each; fenced blocks are left out. Linear in the text."""
    found = (words for paragraph in _paragraphs(text) for words in _END.split(paragraph) if STANDING.search(words))
    return tuple(dict.fromkeys(words for words in found if len(words) <= LONGEST))


def of_requests(view: View, ids: frozenset[str]) -> tuple[Told, ...]:
    """The rules of the requests, by the ids of their messages."""
    return tuple(Told(words, message.id) for message in view if message.id in ids for words in standing(message.text))


def of_files(view: View) -> tuple[Told, ...]:
    """The rules of prose files that results in the view show, whatever tool showed them."""
    asked: dict[str, ToolCall] = {}
    found: list[Told] = []
    for message in view:
        asked |= {call.id: call for call in message.calls}
        for output in outputs(message):
            call = asked.get(output.call_id)
            file = _prose(call.raw_arguments) if call is not None and output.ok and call.name in LOOKING else ""
            found += [Told(words, message.id, file) for words in standing(_shown(output.text))] if file else []
    return tuple(found)


LOOKING = ("read", "shell")
"""Tools that show files; what `write` names it has not shown."""


def _prose(arguments: str) -> str:
    """The first prose file that a call names, "" for none. Linear: no pattern looks for where a path begins."""
    end = PROSE.search(arguments)
    return arguments[len(arguments[: end.start()].rstrip(PATH)) : end.end()] if end else ""


def _paragraphs(text: str) -> Iterator[str]:
    """Each list item, heading and table row is one by itself, so that no sentence runs over them."""
    lines: list[str] = []
    fenced, last = False, ""
    for line in text.split("\n"):
        fence = _FENCE.match(line) is not None
        if lines and (fence or not line.strip() or _NEW.match(line) or _HEADING.match(last)):
            yield " ".join(lines)
            lines = []
        if not fence and not fenced and line.strip():
            lines.append(" ".join(_BULLET.sub("", line).split()))
        fenced, last = fenced != fence, line
    if lines:
        yield " ".join(lines)


def _shown(text: str) -> str:
    """What a tool shows of a file, without line numbers and the tool's own lines."""
    return "\n".join("" if _NOTICE.match(line) else _NUMBERED.sub("", line) for line in text.split("\n"))
