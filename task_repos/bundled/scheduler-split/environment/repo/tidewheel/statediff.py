"""What differs between two sets of jobs, for people who look after several hosts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tidewheel import core

_VOLATILE = ("runs", "next_due", "attempt")


@dataclass(frozen=True)
class Difference:
    """A job that is only on one side, or a field that differs; paths such as "trigger.span"."""

    job: str
    path: str
    here: Any
    there: Any

    def __str__(self) -> str:
        if not self.path:
            return f"{self.job}: only {'here' if self.there is None else 'there'}"
        return f"{self.job}: {self.path}: {self.here!r} here, {self.there!r} there"


def differences(here: Iterable[core.Job], there: Iterable[core.Job], *, volatile: bool = False) -> list[Difference]:
    """Compare jobs by name; what changes with every run counts only when `volatile` is set."""
    ours, theirs = ({job.name: _plain(job, volatile) for job in side} for side in (here, there))
    found = []
    for name in sorted({*ours, *theirs}):
        if name in ours and name in theirs:
            found += [Difference(name, path, left, right) for path, left, right in _walk(ours[name], theirs[name])]
        else:
            found.append(Difference(name, "", ours.get(name), theirs.get(name)))
    return found


def _plain(job: core.Job, volatile: bool) -> dict[str, Any]:
    data = core.encode(job)
    return data if volatile else {key: value for key, value in data.items() if key not in _VOLATILE}


def _walk(here: Any, there: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    if isinstance(here, dict) and isinstance(there, dict) and here.get("!") == there.get("!"):
        keys = [*here, *(key for key in there if key not in here)]
        found = []
        for key in keys:
            found += _walk(here.get(key), there.get(key), f"{path}.{key}" if path else key)
        return found
    return [] if here == there else [(path, _shown(here), _shown(there))]


def _shown(data: Any) -> Any:
    """Tagged data as the object it stands for, which reads better."""
    if isinstance(data, dict) and "!" in data:
        value = core.decode(data)
        return str(value) if isinstance(value, core.Trigger | core.Retry) else value
    return data
