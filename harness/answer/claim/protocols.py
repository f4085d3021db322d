"""How a run was made, beside how a published figure was: every point where they differ, or where one of them is unknown, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from harness.answer.claim.claims import UNKNOWN, Claim
from harness.answer.claim.observed import Observed
from harness.answer.side import Identity

SAME_RATE = 1e-9


class Departure(msgspec.Struct, frozen=True):
    """`field` as published and as it was here, both in words."""

    field: str
    published: str
    here: str

    @property
    def words(self) -> str:
        return f"{self.field}: published {self.published}, here {self.here}"


def departures(claim: Claim, found: Observed, warnings: Iterable[str] = ()) -> tuple[Departure, ...]:
    """What stands between the figure and the run. `warnings`: what the sources said of the tasks, such as an image that is not the published one."""
    identity, published = found.side.identity, claim.protocol
    rows = (
        ("model", claim.model.name, f"{found.who.model}, known by its name alone"),
        ("agent", published.agent, found.who.agent),
        ("variant", "none", found.who.variant or "none"),
        ("user simulator", published.user, "none"),
        ("window", _tokens(published.window), _list(f"{tokens:,} tokens" for tokens in identity.window)),
        ("sampling", _sampled(published.sampling), "; ".join(map(_plain, identity.sampling)) or UNKNOWN),
        ("thinking", published.thinking, _list(identity.thinking)),
        ("quantisation", published.quantisation, _list(identity.quantisation)),
    )
    told = [Departure(*row) for row in rows if not _same(row[1], row[2]) and not (row[0] == "sampling" and _sampled_alike(published.sampling, identity))]
    return (*_tasks(claim, found), *told, *_graded(claim), *(Departure("tasks", "as published", words) for words in dict.fromkeys(warnings)))


def _tasks(claim: Claim, found: Observed) -> Iterator[Departure]:
    """A part of the tasks stands for all of them only as far as it was chosen blindly."""
    if not found.whole:
        yield Departure("tasks", str(claim.entry.tasks), f"{found.tasks:,} of them, whoever chose them" if found.all_tasks else f"{found.tasks:,}")


def _graded(claim: Claim) -> Iterator[Departure]:
    """Who judged, and which version of the tasks: the same tests, but on this machine."""
    yield Departure("grader", claim.protocol.grader, "longhaul's, in a fresh container")
    yield Departure("version", claim.entry.line, "as the rows are")


def _same(published: str, here: str) -> bool:
    return UNKNOWN not in (published, here) and published.casefold() == here.casefold()


def _tokens(window: int | str) -> str:
    return f"{window:,} tokens" if isinstance(window, int) else window


def _sampled(sampling: dict[str, float] | str) -> str:
    return sampling if isinstance(sampling, str) else ", ".join(f"{name} {value:g}" for name, value in sorted(sampling.items()))


def _sampled_alike(published: dict[str, float] | str, identity: Identity) -> bool:
    """Whether every parameter that was published was so here."""
    if isinstance(published, str) or not identity.sampling:
        return False
    return all(_holds(published, msgspec.json.decode(text, type=dict[str, object])) for text in identity.sampling)


def _holds(published: dict[str, float], here: dict[str, object]) -> bool:
    values = {name: here.get(name) for name in published}
    return all(isinstance(value, int | float) and math.isclose(value, published[name], abs_tol=SAME_RATE) for name, value in values.items())


def _plain(text: str) -> str:
    """Sampling of a run, its JSON text, in words: what the server was left to choose is not among it."""
    held = msgspec.json.decode(text, type=dict[str, object])
    words = [f"{name} {value:g}" for name, value in sorted(held.items()) if name != "seed" and isinstance(value, int | float)]
    return ", ".join(words) or UNKNOWN


def _list(words: Iterable[str]) -> str:
    found: Sequence[str] = tuple(words)
    return ", ".join(found) or UNKNOWN
