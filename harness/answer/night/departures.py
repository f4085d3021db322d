"""Where a night was not run with what its baseline was: each departure by the name under which a user may accept it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from harness.answer.compare.alike import short
from harness.answer.side import Identity

NAMES: Final = ("model", "server", "window", "sampling", "thinking", "tasks", "prompts", "tools", "limits", "harness", "seeds")
SHOWN: Final = 3
"""Tasks named of those that differ; the rest is a number."""
_UNSAID: Final = ("", "{}")
"""A trial whose worker died was begun without words for its limits."""
_Words = tuple[str, ...]


class Departure(msgspec.Struct, frozen=True):
    """`name` is one of NAMES; `then` and `now` in words; `tasks`: those concerned, () for all."""

    name: str
    then: str
    now: str
    tasks: _Words = ()

    @property
    def sentence(self) -> str:
        which = f" of {', '.join(self.tasks[:SHOWN])}" if self.tasks else ""
        more = f" and {len(self.tasks) - SHOWN} more" if len(self.tasks) > SHOWN else ""
        return f"{self.name}{which}{more}: then {self.then}, now {self.now}"


def departures(then: Identity, now: Identity, planned: Iterable[str]) -> tuple[Departure, ...]:
    """In the order of NAMES, without seeds, which a plan has. What a night does not tell, because all of it broke, departs from nothing.

    `planned`: the later side's tasks, those that have not begun included: a task that waits is not one that went.
    """
    return tuple(_found(then, now, frozenset(planned)))


def mixed(its: Identity) -> tuple[Departure, ...]:
    """What changed while a side was run; a baseline has one of each."""
    rows = (("model", its.model), ("server", its.server), ("window", tuple(f"{each:,} tokens" for each in its.window)),
            ("window", its.asked), ("sampling", _sampling(its)), ("thinking", its.thinking), ("prompts", its.prompts), ("tools", its.tools), ("harness", its.harness))  # fmt: skip
    found = [Departure(name, _several(words[:1]), _several(words[1:])) for name, words in rows if len(words) > 1]
    apart = tuple(task for task, words in its.tasks.items() if len(_said(words)) > 1)
    return (*found, *((Departure("tasks", "one", "another", apart),) if apart else ()))


def _found(then: Identity, now: Identity, planned: frozenset[str]) -> Iterator[Departure]:
    known = bool(then.model and now.model)
    yield from _words("model", (*then.model, *then.quantisation), (*now.model, *now.quantisation), known=known)
    yield from _words("server", then.server, now.server, known=known)
    yield from _words("window", _window(then), _window(now), known=known)
    yield from _words("sampling", _sampling(then), _sampling(now), known=known)
    yield from _words("thinking", then.thinking, now.thinking, known=known)
    yield from _tasks(then, now, planned)
    yield from _words("prompts", then.prompts, now.prompts)
    yield from _words("tools", then.tools, now.tools)
    yield from _limits(then.limits, now.limits)
    yield from _words("harness", then.harness, now.harness)


def _words(name: str, then: _Words, now: _Words, *, known: bool | None = None) -> Iterator[Departure]:
    """`known`: whether "none" is an answer, and not just untold."""
    if then != now and (bool(then and now) if known is None else known):
        yield Departure(name, _several(then), _several(now))


def _tasks(then: Identity, now: Identity, planned: frozenset[str]) -> Iterator[Departure]:
    changed = tuple(task for task, words in then.tasks.items() if task in now.tasks and now.tasks[task] != words)
    gone = tuple(task for task in then.tasks if task not in now.tasks and task not in planned)
    if changed:
        yield Departure("tasks", _several(then.tasks[changed[0]]), _several(now.tasks[changed[0]]), changed)
    if gone:
        yield Departure("tasks", "planned", "not planned", gone)


def _limits(then: dict[str, _Words], now: dict[str, _Words]) -> Iterator[Departure]:
    pairs = {task: (_said(words), _said(now.get(task, ()))) for task, words in then.items()}
    apart = tuple(task for task, (before, after) in pairs.items() if before and after and before != after)
    if apart:
        yield Departure("limits", *_named(*pairs[apart[0]]), apart)


def _named(then: _Words, now: _Words) -> tuple[str, str]:
    """Only the limits that differ, by name, instead of two long texts."""
    held = [msgspec.json.decode(text, type=dict[str, object]) for text in (*then, *now)]
    names = [name for name in dict.fromkeys(name for each in held for name in each) if len({repr(each.get(name)) for each in held}) > 1]
    told = [", ".join(f"{name} {_figure(each.get(name))}" for name in names) for each in held]
    return " and ".join(told[: len(then)]), " and ".join(told[len(then) :])


def _figure(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _window(its: Identity) -> _Words:
    asked = tuple(f"asked for {word}" for word in its.asked if word)
    return (*(f"{granted:,} tokens" for granted in its.window), *asked)


def _sampling(its: Identity) -> _Words:
    """The values that are sent. A trial's seed is its own, and where a value comes from changes no answer."""
    return tuple(sorted({_sent(msgspec.json.decode(text, type=dict[str, object])) for text in its.sampling}))


def _sent(values: dict[str, object]) -> str:
    named = [f"{name} {_figure(value)}" for name, value in sorted(values.items()) if name not in ("seed", "origin") and value is not None]
    return ", ".join(named) or "the server's own"


def _said(words: _Words) -> _Words:
    return tuple(word for word in words if word not in _UNSAID)


def _several(words: Sequence[str]) -> str:
    return " and ".join(map(short, words)) or "none"
