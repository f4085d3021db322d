"""J1 to J5: calls that go wrong in form, more and more towards the end or one after another once the first has happened."""

from __future__ import annotations

import json
from random import Random
from typing import Final

import msgspec

from harness.core.memory import Use
from harness.corpus.placing import Unfit, drawn, place
from harness.corpus.script import Base, Case, Say, Truth

KINDS: Final = ("J1", "J2", "J3", "J4", "J5")
SORT: Final = "fault"
BASES: Final = ("desk", "staged")
TEXTUAL: Final = frozenset({"J4", "J5"})
A_REQUEST: Final = 2
"""Answers without a call that the agent's nudges bear in one request."""
UNKNOWN: Final = ("open_file", "search_code", "list_dir", "view_lines", "inspect")
SENTENCES: Final = ("the call ended before its arguments did", "`arguments` is no JSON object", "the name of the tool is missing")


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Late-rising or contagious. The further ones of the kind are allowed: each is one more of what was planted. Raises Unfit."""
    places = _rising(base, dice) if dice.random() < 0.5 else _contagious(base, dice)
    if kind in TEXTUAL:
        places = _bearable(base, places)
    if len(places) < 3:
        raise Unfit
    made, names = base, []
    for number, name in enumerate(places):
        say = base.says[place(base, name) - 1]
        bad = awry(kind, f"{name}.awry{number}", say, base, dice)
        at = place(made, name) - 1
        made = msgspec.structs.replace(made, says=(*made.says[:at], bad, *made.says[at:]))
        names.append(bad.name)
    return Case("", "fault", "tool_syntax", base.seed, made, (Truth(kind, "", names[0], names[0], visible=None),), allowed=(kind,))


def _rising(base: Base, dice: Random) -> tuple[str, ...]:
    """None in the first half, and of the rest each the likelier the later it comes."""
    half = len(base.says) // 2
    rest = base.says[half:]
    return tuple(say.name for number, say in enumerate(rest, 1) if dice.random() < 0.75 * number / len(rest))


def _contagious(base: Base, dice: Random) -> tuple[str, ...]:
    """A first one somewhere, and four of five of those after it."""
    at = dice.randrange(len(base.says) // 3, 2 * len(base.says) // 3)
    return (base.says[at].name, *(say.name for say in base.says[at + 1 : at + 9] if dice.random() < 0.8))


def _bearable(base: Base, places: tuple[str, ...]) -> tuple[str, ...]:
    kept = list[str]()
    for name in places:
        stage = base.says[place(base, name) - 1].stage
        if sum(base.says[place(base, each) - 1].stage == stage for each in kept) < A_REQUEST:
            kept.append(name)
    return tuple(kept)


def awry(kind: str, name: str, say: Say, base: Base, dice: Random) -> Say:
    """A turn whose call goes wrong, before the turn that makes it as it should be; it is about a file that is there."""
    path = drawn(dice, tuple(path for path, _ in base.files if path.endswith(".py")))
    given: dict[str, object] = {"path": path, "first_line": 0, "last_line": 0}
    if dice.random() < 0.3:
        return _shaped(kind, name, say, ("shell", {"command": f"head -n {dice.randrange(2, 30)} {path}", "seconds": 0}), dice)
    return _shaped(kind, name, say, ("read", given), dice)


def _shaped(kind: str, name: str, say: Say, call: tuple[str, dict[str, object]], dice: Random) -> Say:
    bare = Say(name, say.stage, "", (), "awry")
    tool, given = call
    if kind == "J1" and dice.random() < 0.4:
        return msgspec.structs.replace(bare, text="I look at it.", malformed=(drawn(dice, SENTENCES),))
    if kind in TEXTUAL:
        return msgspec.structs.replace(bare, text=drawn(dice, (_as_text if kind == "J4" else _foreign)(tool, given)))
    made = {"J1": _unread, "J2": _unknown, "J3": _ill}[kind](tool, given, dice)
    return msgspec.structs.replace(bare, text="I look at it.", calls=(made,))


def _unread(tool: str, given: dict[str, object], dice: Random) -> Use:
    whole = json.dumps(given)
    return Use(tool, drawn(dice, (whole[: -dice.randrange(1, 9)], str(given), whole + "}", f"<arguments>{whole}", whole.replace(", ", " ", 1))))


def _unknown(_tool: str, given: dict[str, object], dice: Random) -> Use:
    return Use(drawn(dice, UNKNOWN), json.dumps(given))


def _ill(tool: str, given: dict[str, object], dice: Random) -> Use:
    first, last = next(iter(given)), list(given)[-1]
    return Use(tool, json.dumps(drawn(dice, (
        {each: value for each, value in given.items() if each != first}, {**given, "encoding": "utf-8"}, {**given, last: "none"}, {**given, first: [given[first]]},
    ))))  # fmt: skip


def _as_text(tool: str, given: dict[str, object]) -> tuple[str, ...]:
    """The call as this harness's tools have it, only as words."""
    whole = json.dumps({"name": tool, "arguments": given})
    return (whole, f"I look at it.\n\n{whole}", f"```json\n{whole}\n```", f"<tool_call>\n{whole}\n</tool_call>")


def _foreign(tool: str, given: dict[str, object]) -> tuple[str, ...]:
    """As other models and other harnesses write theirs."""
    keys = "".join(f"<parameter={name}>\n{value}\n</parameter>\n" for name, value in given.items())
    invoked = "".join(f'<parameter name="{name}">{value}</parameter>' for name, value in given.items())
    python = ", ".join(f"{name}={value!r}" for name, value in given.items())
    return (
        f"<function={tool}>\n{keys}</function>", f'<function_calls><invoke name="{tool}">{invoked}</invoke></function_calls>',
        f"```tool_code\nprint(default_api.{tool}({python}))\n```", f"[TOOL_CALLS]{tool}[ARGS]{json.dumps(given)}", f"<|python_tag|>{tool}.call({python})",
    )  # fmt: skip
