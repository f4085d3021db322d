"""How a provider's error words become a named fault: rows of (status, type, words), first match wins; pure."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping

import msgspec

from harness.core.errors import Blame, ContextOverflow, Fault, ModelError, Wire


class Rule(msgspec.Struct, frozen=True):
    """One row. `status` None matches any; `type` and `words` are regular expressions searched without regard to case."""

    fault: Fault
    status: int | None = None
    type: str = ""
    words: str = ""
    blame: Blame = Blame.SERVER

    def matches(self, status: int | None, type_: str, words: str) -> bool:
        return (
            (self.status is None or self.status == status)
            and re.search(self.type, type_, re.IGNORECASE) is not None
            and re.search(self.words, words, re.IGNORECASE) is not None
        )


class Said(msgspec.Struct, frozen=True):
    """What a provider said when it failed: HTTP status (200 or None inside a stream), its error type and its words."""

    status: int | None
    type: str
    words: str
    wait_s: float | None = None


BY_STATUS: dict[int, Fault] = {
    401: Fault.AUTH, 402: Fault.AUTH, 403: Fault.AUTH,
    408: Fault.TIMEOUT, 409: Fault.OVERLOADED, 413: Fault.OVERFLOW, 425: Fault.OVERLOADED, 429: Fault.RATE,
    502: Fault.CONNECTION, 503: Fault.OVERLOADED, 504: Fault.TIMEOUT, 529: Fault.OVERLOADED,
}  # fmt: skip
"""What a status alone says, where no row knows the words; else 4xx is our request's fault and the rest a crash."""

SIZES = (
    r'n_prompt_tokens\\?"?\s*[:=]\s*(?P<prompt>\d+).*?n_ctx\\?"?\s*[:=]\s*(?P<window>\d+)',
    r"too long:?\s*(?P<prompt>\d+) tokens\s*>\s*(?P<window>\d+)",
    r"(?:passed|requested|has|input \()\s*(?P<prompt>\d+)\s*(?:input )?tokens.{0,200}?context length (?:is|of)[^\d]{0,20}(?P<window>\d+)",
    r"context length (?:is|of)[^\d]{0,20}(?P<window>\d+)\s*tokens.{0,200}?(?:requested|passed|resulted in|has)\s*(?P<prompt>\d+)",
    r"request \((?P<prompt>\d+) tokens\) exceeds the available context size \((?P<window>\d+)",
    r"input \((?P<prompt>\d+) tokens\) is longer than the model's context length \((?P<window>\d+)",
    r"tokens to keep from the initial prompt.*?(?P<prompt>\d+).*?context length.*?(?P<window>\d+)",
)


def classify(rules: tuple[Rule, ...], said: Said) -> tuple[Fault, Blame]:
    """The fault and who caused it."""
    for rule in rules:
        if rule.matches(said.status, said.type, said.words):
            return rule.fault, rule.blame
    if said.status in BY_STATUS:
        return BY_STATUS[said.status], Blame.SERVER
    if said.status is not None and 400 <= said.status < 500:
        return Fault.BAD_REQUEST, Blame.HARNESS
    return Fault.CRASH, Blame.SERVER


def sizes(words: str) -> tuple[int | None, int | None]:
    """(prompt tokens, window tokens) as the words tell them, None where they don't."""
    for pattern in SIZES:
        if found := re.search(pattern, words, re.IGNORECASE | re.DOTALL):
            return int(found["prompt"]), int(found["window"])
    return None, None


def fault_of(rules: tuple[Rule, ...], said: Said, wire: Wire) -> ModelError:
    """The exception to raise for what the provider said."""
    fault, blame = classify(rules, said)
    text = said.words.strip()[:2000] or f"HTTP {said.status} without words"
    if fault is Fault.OVERFLOW:
        prompt, window = sizes(said.words)
        return ContextOverflow(text, prompt_tokens=prompt, window=window, wire=wire)
    return ModelError(fault, text, blame=blame, wait_s=said.wait_s, wire=wire)


def waiting(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that `retry-after` asks for, as number, milliseconds or date; None where it doesn't. `now` in epoch seconds."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "")
        if re.fullmatch(r"\d+(\.\d+)?", value):
            return float(value) * unit
    try:
        return max(0.0, email.utils.parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now)
    except (TypeError, ValueError):
        return None
