"""A labeller's answers, read strictly: a file edited by hand may hold anything."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from harness.answer.audit.questions import LABELS, Label
from harness.core.errors import PlanError

SCHEMA = "longhaul.audit-answers/1"
MOST = 8 << 20
"""Bytes; three hundred answers take ten thousand."""


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`audit`: which samples were labelled. `who`: initials. `answers`: id of a sample -> label, None where nobody has answered yet."""

    schema: str
    audit: str
    who: str
    answers: dict[str, str | None]
    notes: dict[str, str] = {}


def empty(audit: str, ids: Iterable[str]) -> Answers:
    """To be filled in."""
    return Answers(SCHEMA, audit, "", dict.fromkeys(ids))


def read(data: bytes, place: str) -> Answers:
    """Raises PlanError naming file, field, found and expected."""
    try:
        told = msgspec.json.decode(data, type=Answers)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        what, _, field = str(fault).partition(" - at ")
        raise PlanError(place, field.strip("`").removeprefix("$."), what, f"answers as the page saves them ({SCHEMA})") from fault
    if told.schema != SCHEMA:
        raise PlanError(place, "schema", repr(told.schema[:80]), SCHEMA)
    if not re.fullmatch(r"[\w. -]{1,40}", told.who.strip()):
        raise PlanError(place, "who", repr(told.who[:80]), "the labeller's initials")
    return msgspec.structs.replace(told, who=told.who.strip())


def complete(told: Answers, audit: str, ids: Iterable[str], place: str) -> dict[str, Label]:
    """The labels of just these samples. Raises PlanError for another audit, an unknown sample, a label that is none, or one that is missing."""
    if told.audit != audit:
        raise PlanError(place, "audit", repr(told.audit[:80]), f"{audit}, the audit that the other file answers")
    wanted = tuple(ids)
    if strange := sorted(set(told.answers) - set(wanted)):
        raise PlanError(place, f"answers.{strange[0][:80]}", "no sample of this audit", f"{wanted[0]} to {wanted[-1]}")
    if odd := next((name for name, label in told.answers.items() if label is not None and label not in LABELS), ""):
        raise PlanError(place, f"answers.{odd}", repr(str(told.answers[odd])[:80]), " or ".join(LABELS))
    missing = [name for name in wanted if told.answers.get(name) is None]
    if missing:
        raise PlanError(place, f"answers.{missing[0]}", f"nothing, and so for {len(missing)} of {len(wanted)} samples", f"{' or '.join(LABELS)} for each")
    return {name: told.answers[name] for name in wanted}  # type: ignore[misc]


def apart(one: Answers, two: Answers, place: str) -> None:
    """Raises PlanError where both are one person's: nobody's agreement with himself is worth anything."""
    if one.who.casefold() == two.who.casefold():
        raise PlanError(place, "who", repr(two.who), "another labeller than the first file's")
