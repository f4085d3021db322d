"""Secrets taken out of a sheet before it is handed to people: what is alike stays alike, so that a labeller can still follow it."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from harness.answer.audit.sheet import Sheet

_NAMED = r"(?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|auth)"
SECRETS: Final = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
        (r"(?P<kept>(?<![\w-])(?>[\w-]*?(?=\beyJ)))eyJ[\w-]{8,}+\.[\w-]{8,}+\.[\w-]{4,}", 0),
        (r"\b(?:sk|pk|rk|ghp|gho|ghs|ghu|glpat|xox[abprs]|hf|npm)[-_][A-Za-z0-9_-]{12,}", 0),
        (r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b", 0),
        (r"\bgithub_pat_\w{20,}", 0),
        (r"(?<=://)[^\s/@:'\"]+:[^\s/@'\"]+(?=@)", 0),
        (r"(?i:(?<=bearer )|(?<=basic ))[A-Za-z0-9+/_.=-]{12,}", 0),
        (r"(?P<kept>(?<![\w.+-])[.+-]*+)[\w.+-]++@[\w-]+(?:\.[\w-]+)+\b", 0),
        (r"\b(?:\d{1,3}\.){3}\d{1,3}\b", 0),
    )
)  # fmt: skip
"""What is `kept` stays. Each begins where nothing before could belong to it, or is bounded: else a text of beginnings alone takes the square of its length."""
_GIVEN: Final = re.compile(rf"(?i)({_NAMED}[\w-]{{0,64}}[\"']?\s{{0,40}}[:=]\s{{0,40}}(?:(?P<quote>[\"'])|(?=[^\s\"',;]{{0,256}}\d)))(?!bearer\b|basic\b|\[secret-)([^\s\"',;)}}]{{6,}})")
"""A value given to a name that says what it is: quoted, or with a digit in it, which code seldom has; only the value goes."""


class Blackener:
    """The n-th different secret is called `[secret-n]`."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    @property
    def count(self) -> int:
        """Different secrets so far."""
        return len(self._known)

    def __call__(self, text: str) -> str:
        for pattern in SECRETS:
            text = pattern.sub(self._taken, text)
        return _GIVEN.sub(lambda found: found[1] + self._name(found[3]), text)

    def _taken(self, found: re.Match[str]) -> str:
        kept = found.groupdict().get("kept") or ""
        return kept + self._name(found[0][len(kept) :])

    def _name(self, secret: str) -> str:
        if secret.startswith("[secret-"):
            return secret
        return self._known.setdefault(secret, f"[secret-{len(self._known) + 1}]")


def blackened(sheet: Sheet, by: Blackener) -> Sheet:
    """Every word of the sheet but its own questions."""
    found = msgspec.convert(_through(msgspec.to_builtins(sheet), by), Sheet)
    return msgspec.structs.replace(found, id=sheet.id, question=sheet.question, yes=sheet.yes)


def _through(value: object, by: Blackener) -> object:
    if isinstance(value, dict):
        return {key: _through(each, by) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_through(each, by) for each in value]
    return by(value) if isinstance(value, str) else value
