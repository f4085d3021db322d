"""Whether two sides were asked the same: what forbids to compare them, by name, and what a reader should merely know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from harness.answer.compare.pair import Pair
from harness.answer.side import Identity, Who
from harness.report.summary import counted

NAMES = ("tasks", "prompts", "tools", "limits")
"""What must be alike, and can be accepted by name where it is not."""
DIGEST = len("sha256:") + 12
_UNSAID = ("", "{}")
"""A trial whose worker died was begun without words for its limits."""


class Mismatch(msgspec.Struct, frozen=True):
    """What differs, in words: `name` one of NAMES, `place` the first task where it does ("" for all), `more` how many further tasks."""

    name: str
    place: str
    a: str
    b: str
    more: int = 0

    @property
    def sentence(self) -> str:
        """Without the name: `task-1: sha256:aa against sha256:bb, and 3 more tasks`."""
        place, more = f"{self.place}: " if self.place else "", f", and {counted(self.more, 'more task')}" if self.more else ""
        return f"{place}{self.a} against {self.b}{more}"


def mismatches(pair: Pair) -> tuple[Mismatch, ...]:
    """In the order of NAMES, over the common tasks; what no trial of a side tells is no mismatch.

    Prompts and tools belong to an agent: between two agents they are what the question is about, and `told` says that they differ.
    """
    first, second, common = pair.made_a, pair.made_b, pair.common
    own = pair.a.who.agent == pair.b.who.agent
    found = (
        _of_tasks("tasks", first.tasks, second.tasks, common),
        _of_all("prompts", first.prompts, second.prompts) if own else None,
        _of_all("tools", first.tools, second.tools) if own else None,
        _of_tasks("limits", first.limits, second.limits, common),
    )
    return tuple(each for each in found if each)


def _of_all(name: str, a: tuple[str, ...], b: tuple[str, ...]) -> Mismatch | None:
    return Mismatch(name, "", _several(a), _several(b)) if _differ(a, b) else None


def _of_tasks(name: str, a: dict[str, tuple[str, ...]], b: dict[str, tuple[str, ...]], common: Sequence[str]) -> Mismatch | None:
    pairs = [(task, _said(a.get(task, ())), _said(b.get(task, ()))) for task in common]
    differing = [pair for pair in pairs if _differ(*pair[1:])]
    if not differing:
        return None
    place, one, other = differing[0]
    words = _limits(one, other) if name == "limits" else (_several(one), _several(other))
    return Mismatch(name, place, *words, more=len(differing) - 1)


def _said(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _UNSAID)


def _differ(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Two digests on one side are two things also where the other side has the same two."""
    return bool(a and b) and (a != b or len(a) > 1)


def _several(words: Iterable[str]) -> str:
    return " and ".join(short(word) for word in words)


def short(digest: str) -> str:
    """Enough of a digest to tell it from another one."""
    return digest[:DIGEST] if digest.startswith("sha256:") else digest


def _limits(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, str]:
    """The limits that differ, by name, instead of two long texts."""
    held = [msgspec.json.decode(text, type=dict[str, object]) for text in (*a, *b)]
    names = [name for name in dict.fromkeys(name for each in held for name in each) if len({repr(each.get(name)) for each in held}) > 1]

    def words(limits: Sequence[dict[str, object]]) -> str:
        return " and ".join(", ".join(f"{name} {_figure(each.get(name))}" for name in names) for each in limits)

    return words(held[: len(a)]), words(held[len(a) :])


def _figure(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def told(pair: Pair) -> Iterator[str]:
    """Sentences on what differs and need not be alike. Windows have a word of their own (`regime`)."""
    first, second, a, b = pair.made_a, pair.made_b, pair.a.who, pair.b.who
    if a.agent != b.agent:
        yield f"the agents differ, and with them prompts and tools: what is compared is agent and model together ({a.agent}, {b.agent})"
    if a.model == b.model:
        yield from _pair("the same model's name stands for other weights", first.model, second.model)
    yield from _mixed(a, first)
    yield from _mixed(b, second)
    if _kind(a) == _kind(b):
        yield from _pair("server differs", first.server, second.server)
    for what in ("thinking", "quantisation", "harness"):
        yield from _pair(f"{what} differs", getattr(first, what), getattr(second, what))
    yield from _pair("sampling differs", _sampling(first), _sampling(second))


def _kind(who: Who) -> str:
    """Models of two kinds have two servers; that is no news."""
    return who.model.partition("/")[0]


def _pair(what: str, a: tuple[str, ...], b: tuple[str, ...]) -> Iterator[str]:
    if a and b and a != b:
        yield f"{what}: {_several(a)} against {_several(b)}"


def _mixed(who: Who, its: Identity) -> Iterator[str]:
    """One side that was made by several things."""
    windows = tuple(f"{window:,}" for window in its.window)
    made = (("weights", its.model), ("windows", windows), ("versions of the server", its.server), ("levels of thinking", its.thinking),
            ("quantisations", its.quantisation), ("versions of longhaul", its.harness), ("samplings", _sampling(its)))  # fmt: skip
    for what, words in made:
        if len(words) > 1:
            yield f"{who.agent} x {who.model} itself ran with several {what}: {_several(words)}"


def _sampling(its: Identity) -> tuple[str, ...]:
    """The values that are sent. Seeds differ by trial, and where a value comes from changes no answer."""
    return tuple(sorted({_sent(msgspec.json.decode(text, type=dict[str, object])) for text in its.sampling}))


def _sent(values: dict[str, object]) -> str:
    named = [f"{name} {_figure(value)}" for name, value in sorted(values.items()) if name not in ("seed", "origin") and value is not None]
    return ", ".join(named) or "the server's own"
