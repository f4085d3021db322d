"""What offices answer, and what that means for a declaration."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date

from tollbook.declarations.numbers import check
from tollbook.declarations.states import Declaration
from tollbook.errors import ReplyError
from tollbook.wire import v1, v2

log = logging.getLogger("tollbook.replies")

SHORTEST = 16
STATES = {"ACC": "accepted", "REF": "refused", "INS": "inspected", "REL": "released"}


@dataclass(frozen=True)
class Reply:
    """`kind` is one of STATES; `mrn` comes with acceptances; `reason` with refusals."""

    message: str
    kind: str
    mrn: str = ""
    reason: str = ""


def read(message: str, text: str) -> Reply:
    """A reply of either version."""
    if len(text) < SHORTEST:
        raise ReplyError(f"reply to {message} is cut off after {len(text)} bytes", "TX-05")
    version = text[3:4] if text.startswith("TB:") else "?"
    if version == "1":
        cells = v1.read_reply(text)
    elif version == "2":
        cells = v2.read_reply(message, text)
    else:
        raise ReplyError("reply to %s has version %s, not 1 or 2" % (message, version))
    kind = cells.get("STA", "")
    if kind not in STATES:
        raise ReplyError(f"segment STA of message {message} has no state", "TX-09")
    return Reply(message, kind, cells.get("MRN", ""), cells.get("TXT", ""))


def take(declaration: Declaration, reply: Reply, day: date) -> Declaration:
    """The declaration after a reply."""
    state = STATES[reply.kind]
    after = declaration.become(state, day)
    if state != "accepted":
        return after
    mrn = check(reply.mrn)
    log.info("W10 declaration %s accepted by %s as %s", declaration.number, declaration.office, mrn)
    return replace(after, mrn=mrn)


def refusals(replies: list[Reply]) -> dict[str, str]:
    """Reasons by the messages that were refused."""
    return {each.message: each.reason for each in replies if each.kind == "REF"}
