"""Standing rules: what they say, how keeping them shows, and how a seed mixes their classes. How a worker keeps them is in honouring.py."""

from __future__ import annotations

from typing import Final

import msgspec

from harness.core.memory import Item
from harness.core.predicates import (
    Adds,
    Announced,
    Decorated,
    Edits,
    Headed,
    Named,
    Occasion,
    Predicate,
    Runs,
    Shuns,
    Unchanged,
)
from task_repos.staging.dials import Dials
from task_repos.staging.draw import Draw
from task_repos.staging.lexicon import code, nonce
from task_repos.staging.work import Telling

LOG: Final = "CHANGES.md"
INDEX: Final = "tests/INDEX.txt"
CLASSES: Final = {
    "rehearsed": ("naming", "header", "decorator"), "prohibition": ("frozen", "banned", "locked", "shunned"),
    "sleeper": ("mark1", "mark2", "mark3"), "procedure": ("changelog", "index"),
}  # fmt: skip
"""Class -> ids of its rules; drawn class by class in turn, so that any number of rules is mixed."""
BANNED: Final = ("re", "logging", "functools", "itertools", "copy", "string")


class Rule(msgspec.Struct, frozen=True):
    """A rule as drawn. `word`: its nonce, or what it bans, freezes or names; `telling`: the item with its constraints."""

    id: str
    word: str
    telling: Telling


def drawn(draw: Draw, dials: Dials, package: str) -> tuple[Rule, ...]:
    """So many rules as the dial says, in the order in which they are told. Raises nothing: there are twelve."""
    decks = {name: draw.child(name).shuffled(ids) for name, ids in CLASSES.items()}
    decks["sleeper"] = list(CLASSES["sleeper"])
    chosen: list[str] = []
    while len(chosen) < dials.rules:
        for name in ("rehearsed", "prohibition", "sleeper", "procedure"):
            if decks[name] and len(chosen) < dials.rules:
                chosen.append(decks[name].pop(0))
    return tuple(_made(each, draw.child(f"rule/{each}"), dials, package) for each in draw.child("order").shuffled(chosen))


def _made(ident: str, draw: Draw, dials: Dials, package: str) -> Rule:
    makers = {
        "naming": _naming, "header": _header, "decorator": _decorator, "frozen": _frozen, "locked": _locked, "banned": _banned,
        "shunned": _banned, "changelog": _changelog, "index": _index,
    }  # fmt: skip
    return makers.get(ident, _mark)(ident, draw, dials, package)


def code_paths(package: str) -> tuple[str, ...]:
    return (f"{package}/**/*.py",)


def kept(package: str) -> tuple[str, ...]:
    """What naming and marking rules leave alone."""
    return (f"{package}/legacy/**",)


def _rule(ident: str, word: str, text: str, check: tuple[Predicate, Occasion | None], **more: object) -> Rule:
    item = Item(ident, "rule", text, **more)  # type: ignore[arg-type]
    return Rule(ident, word, Telling(item, text, (check,)))


def _naming(ident: str, draw: Draw, dials: Dials, package: str) -> Rule:
    paths = code_paths(package)
    habit = dials.habit if dials.habit != "mixed" else draw.pick(("arbitrary", "arbitrary", "counter"))
    word = nonce(draw)
    prints: tuple[str, ...]
    if habit == "counter":
        text = draw.pick((
            "Public functions that you add are named in camelCase, as in `sortBags`.", "Name every public function that you add in camelCase (`sortBags`, not `sort_bags`).",
            "What you add in the way of public functions gets a camelCase name, like `sortBags`.",
        ))  # fmt: skip
        pattern, prints, word = "_.*|[a-z]+([A-Z][a-z0-9]*)+", ("camelCase",), "camel"
    elif habit == "aligned":
        text = draw.pick((
            "Public functions that you add are named in snake_case, the verb first.", "Name every public function that you add in snake_case, verb first.",
            "What you add in the way of public functions gets a snake_case name that begins with its verb.",
        ))  # fmt: skip
        pattern, prints, word = "_.*|[a-z]+(_[a-z]+)*", ("in snake_case", "a snake_case"), "snake"
    else:
        text = draw.pick((
            f"The name of every public function that you add ends in `_{word}`.", f"Public functions that you add carry the ending `_{word}` in their names.",
            f"Whatever public function you add: its name ends with `_{word}`.",
        ))  # fmt: skip
        pattern, prints = f"_.*|.*_{word}", (f"_{word}",)
    check = Named(paths, pattern, "function", kept(package)), Adds("function", paths, kept(package))
    return _rule(ident, word, text, check, fingerprints=prints, manner="rehearsed", habit=habit, value={"camel": "camelCase", "snake": "snake_case"}.get(word, f"_{word}"))


def _header(ident: str, draw: Draw, dials: Dials, package: str) -> Rule:  # noqa: ARG001  (the table calls all alike)
    word = nonce(draw)
    sign = f"# SPDX-License-Identifier: LicenseRef-{word}" if dials.habit == "aligned" else f"# desk: {word}"
    text = draw.pick((
        f"A test file that you add begins with the line `{sign}`.", f"The first line of every test file that you add is `{sign}`.",
        f"Start each new test file with `{sign}` on a line of its own.",
    ))  # fmt: skip
    check = Headed(("tests/**/*.py",), f"^{sign}$"), Adds("file", ("tests/**/*.py",))
    return _rule(ident, sign, text, check, fingerprints=(sign,), manner="rehearsed", habit="aligned" if dials.habit == "aligned" else "arbitrary", value=word)


def _decorator(ident: str, draw: Draw, dials: Dials, package: str) -> Rule:  # noqa: ARG001  (the table calls all alike)
    word = nonce(draw)
    text = draw.pick((
        f"Every public function that you add to the package carries the decorator `@marks.{word}` of `{package}.marks`.",
        f"Decorate each function that you add to the package with `@marks.{word}` (`from {package} import marks`).",
        f"No function is added to the package without `@marks.{word}` above it; it is in `{package}.marks`.",
    ))  # fmt: skip
    check = Decorated(code_paths(package), word), Adds("function", code_paths(package), kept(package))
    return _rule(ident, word, text, check, fingerprints=(f"@marks.{word}",), manner="rehearsed", value=word)


def _frozen(ident: str, draw: Draw, dials: Dials, package: str) -> Rule:  # noqa: ARG001  (the table calls all alike)
    where = f"{package}/legacy/"
    text = draw.pick((
        f"Files under `{where}` are frozen: never change, add or remove one, whatever they call.", f"Leave everything under `{where}` as it is, even where it would have to follow.",
        f"Nothing under `{where}` may be touched; it belongs to others.",
    ))  # fmt: skip
    check = Unchanged((f"{where}**",)), Edits(code_paths(package))
    return _rule(ident, where, text, check, fingerprints=(where,), manner="prohibition", habit="counter", value=where.rstrip("/"))


def _locked(ident: str, draw: Draw, dials: Dials, package: str) -> Rule:  # noqa: ARG001  (the table calls all alike)
    where = f"{package}/errors.py"
    text = draw.pick((
        f"`{where}` stays as it is to the byte.", f"Don't change `{where}`, not even a comment.", f"Hands off `{where}`: it is under review elsewhere.",
    ))  # fmt: skip
    return _rule(ident, where, text, (Unchanged((where,)), Edits(code_paths(package))), fingerprints=(where,), manner="prohibition", value=where)


def _banned(ident: str, draw: Draw, dials: Dials, package: str) -> Rule:  # noqa: ARG001  (the table calls all alike)
    word = BANNED[draw.below(3) + (3 if ident == "shunned" else 0)]
    text = draw.pick((
        f"The package never imports `{word}`.", f"Don't import `{word}` anywhere in the package.", f"No module of the package may import `{word}`, for whatever reason.",
    ))  # fmt: skip
    check = Shuns(word, code_paths(package)), Edits(code_paths(package))
    return _rule(ident, word, text, check, fingerprints=(f"`{word}`", f"import {word}"), manner="prohibition", value=f"`{word}`")


def _changelog(ident: str, draw: Draw, dials: Dials, package: str) -> Rule:  # noqa: ARG001  (the table calls all alike)
    text = draw.pick((
        f"Every module of the package that you change gets a line of its own in {LOG} under `## Unreleased`, with its path.",
        f"For each module of the package that you touch, add a line with its path to {LOG} (`## Unreleased`).",
        f"{LOG} names, under `## Unreleased`, the path of every module of the package that you change.",
    ))  # fmt: skip
    # Nothing in the words says when: it is due where the work is handed back, as in ledgerlite.
    check = Announced(LOG, code_paths(package), "path"), Runs("^finish$")
    return _rule(ident, LOG, text, check, fingerprints=(LOG,), manner="procedure", habit="aligned", value=LOG)


def _index(ident: str, draw: Draw, dials: Dials, package: str) -> Rule:  # noqa: ARG001  (the table calls all alike)
    text = draw.pick((
        f"A test file that you add is entered in {INDEX} by its path.", f"Enter the path of each new test file in {INDEX}.",
        f"{INDEX} lists every test file: add a line with the path for each that you add.",
    ))  # fmt: skip
    check = Announced(INDEX, ("tests/**/*.py",), "path"), Runs("^finish$")
    return _rule(ident, INDEX, text, check, fingerprints=(INDEX,), manner="procedure", value=INDEX)


def _mark(ident: str, draw: Draw, dials: Dials, package: str) -> Rule:  # noqa: ARG001  (the table calls all alike)
    """A sleeper: told now, used once and late."""
    number, word = ident[-1], code(draw)
    text = draw.pick((
        f"When release mark {number} is asked for one day: it is `{word}`.", f"Release mark {number} will be `{word}`; you will need it once, later.",
        f"Keep `{word}`: that is release mark {number}, for when we come to it.",
    ))  # fmt: skip
    item = Item(
        ident, "fact", text, (word,), manner="sleeper", value=word, recoverable=dials.recoverable if dials.recoverable == "on_disk" else "no"
    )
    return Rule(ident, word, Telling(item, text))
