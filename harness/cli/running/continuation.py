"""`run --or-resume`: one line for every night, which begins a run, goes on with it, or says that it is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from harness.cli.record.runs import named, opened
from harness.cli.resume import Voice, Wish, gone_on, over
from harness.core.errors import PlanError
from harness.plan import Plan
from harness.settings import Settings

ASKED = "asked"
"""The fact of a run under which its plan stands as it was asked for: what models and servers told is not in it yet."""
BOUNDS = ("parallel", "run_limits.cost_usd")
"""What changes how far a run comes and not what it measures; what is asked for now holds from now on."""


def facts(asked: Plan) -> dict[str, str]:
    """What a run keeps from its first moment, so that the same words find it again."""
    return {ASKED: msgspec.json.encode(asked).decode()}


def begun(name: str, asked: Plan, settings: Settings) -> Path | None:
    """The run of this name, None where there is none yet. Raises PlanError for no name, and for a run of another plan, naming the key."""
    if not name:
        raise PlanError("", "--or-resume", "no name", "--run NAME: the run to begin, or to go on with")
    path = named(name, settings)
    if path is not None:
        _same(asked, _then(path, name), path, name)
    return path


def say_namesake(name: str, voice: Voice) -> None:
    """What a user should hear who begins a run under a name that another one has."""
    path = named(name, voice.settings) if name else None
    if path is None:
        return
    state = "is finished" if over(path) else "is not finished"
    told = f"note: a run named {name} exists, {path.name}, which {state}; this is another one, and {name} means it from now on (--or-resume goes on with the one there is)"
    voice.say(told)


def continued(path: Path, name: str, asked: Plan, voice: Voice) -> int:
    """Go on with the run, or tell that it is over; the exit code is its table's."""
    then = _then(path, name)
    done, planned = _progress(path)
    at = f"{name} is run {path.name}"
    voice.say(f"{at}, which is finished" if over(path) else f"{at}: {planned - done} of {planned} trials are left")
    parallel = asked.parallel if asked.parallel != then.parallel else None
    cost = asked.run_limits.cost_usd if asked.run_limits.cost_usd != then.run_limits.cost_usd else None
    return gone_on(path, Wish(cost, parallel), voice)


def _then(path: Path, name: str) -> Plan:
    with closing(opened(path)) as store:
        words = store.meta(ASKED)
    if not words:
        found = f"{name!r}, the name of {path.name}, which `longhaul run` did not begin from a plan"
        raise PlanError("", "--run", found, f"another name, or `longhaul resume {path.name}`")
    return msgspec.json.decode(words, type=Plan)


def _progress(path: Path) -> tuple[int, int]:
    with closing(opened(path)) as store:
        return len(store.settled_shorts()), len(store.progress())


def _same(asked: Plan, then: Plan, path: Path, name: str) -> None:
    was, now = ({key: word for key, word in _flat(msgspec.to_builtins(plan)) if key not in BOUNDS} for plan in (then, asked))
    for key in dict.fromkeys((*now, *was)):
        if now.get(key) != was.get(key):
            expected = f"{_shown(was, key)}, as {name} ({path.name}) was begun; another --run NAME begins another run"
            raise PlanError("", key, _shown(now, key), expected)


def _flat(value: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Every value of a plan under its key: `models.1.window` is the second model's."""
    if isinstance(value, dict):
        rows = [(str(key), each) for key, each in value.items()]
    elif isinstance(value, (list, tuple)):
        rows = [(str(number), each) for number, each in enumerate(value, 1)]
    else:
        yield place, value
        return
    for key, each in rows:
        yield from _flat(each, f"{place}.{key}" if place else key)


def _shown(words: dict[str, object], key: str) -> str:
    return repr(words[key]) if key in words else "nothing"
