"""What the tables of tests/longhaul.toml must not say of one another: outside an item's validity, twice, in a circle, or of two items at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from harness.core.errors import TaskError
from harness.core.memory import Constraint, Item, Manifest, Milestone
from harness.core.patterns import expression
from harness.core.predicates import At
from harness.core.task import Request
from task_repos.memory_predicates import glob, only_at, pattern

REGEX = "re:"
NAME = re.compile(r"\w[\w.-]{0,79}")
MOST: Final = 1000
"""Tables of one kind. A reading looks at each of them at each turn."""
LOOKS: Final = 50_000_000
"""Fingerprints times characters of texts, for each is looked for in all: ten times what 100 items of 3 fingerprints and 150 characters take."""
TOLD = ("rule", "fact", "decision")
"""Kinds whose items somebody states; the agent's own decisions and what it sees have no words before they are."""


def checked(made: Manifest, requests: tuple[Request, ...], file: str) -> Manifest:
    """The manifest itself. Raises TaskError, one sentence for the first thing that is wrong."""
    items = {item.id: item for item in made.items}
    _few(made, file)
    _different("memory", "id", [item.id for item in made.items], file)
    _different("milestone", "id", [milestone.id for milestone in made.milestones], file)
    for item in made.items:
        _item(item, items, file)
        _told(item, requests, file)
    _chains(items, file)
    _apart(made.items, items, file)
    for constraint in made.constraints:
        _constraint(constraint, items, len(made.stages), file)
    before: dict[str, int] = {}
    for milestone in made.milestones:
        _milestone(milestone, items, file)
        _depends(milestone, before, made.milestones, file)
        before[milestone.id] = milestone.stage
    _points(made, file)
    return made


def _few(made: Manifest, file: str) -> None:
    """What takes the square of its number must not be without bound."""
    tables = {"stage": made.stages, "memory": made.items, "constraint": made.constraints, "milestone": made.milestones}
    for name, each in tables.items():
        if len(each) > MOST:
            raise TaskError(file, name, f"{len(each):,} tables", f"at most {MOST:,}")
    prints, letters = sum(len(item.fingerprints) for item in made.items), sum(len(item.text) for item in made.items)
    if prints * letters > LOOKS:
        raise TaskError(file, "memory", f"{prints:,} fingerprints and {letters:,} characters of text", f"fewer: their product is {LOOKS:,} at most")


def _different(table: str, field: str, names: list[str], file: str) -> None:
    for name in names:
        if not NAME.fullmatch(name):
            raise TaskError(file, f"{table}.{field}", repr(name[:80]), "a name of letters, digits, _, . and -")
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise TaskError(file, f"{table}.{field}", f"{twice!r} twice", "each id once")


def _item(item: Item, items: Mapping[str, Item], file: str) -> None:
    at = f"memory {item.id}"
    if not item.text.strip():
        raise TaskError(file, f"{at}.text", "nothing", "what is to be kept in mind")
    if not item.fingerprints:
        raise TaskError(file, f"{at}.fingerprints", "none", "words by which it is known to be in sight")
    for fingerprint in item.fingerprints:
        _fingerprint(fingerprint, file, f"{at}.fingerprints")
    if item.until is not None and item.until <= item.since:
        raise TaskError(file, f"{at}.until", f"request {item.until}, from request {item.since}", "an end after the beginning")
    if item.supersedes and item.supersedes not in items:
        raise TaskError(file, f"{at}.supersedes", repr(item.supersedes), "the id of a [[memory]]")


def _fingerprint(fingerprint: str, file: str, at: str) -> None:
    if not fingerprint.startswith(REGEX):
        if not fingerprint.strip():
            raise TaskError(file, at, repr(fingerprint), "words")
        return
    if pattern(fingerprint.removeprefix(REGEX), file, at).empty:
        raise TaskError(file, at, f"{fingerprint[:80]!r}, which matches an empty text", "an expression that needs words")


def matches(fingerprint: str, text: str) -> bool:
    """As the ledger finds it: literal words with any white space between them, or a regular expression."""
    return _stands(fingerprint, text, " ".join(text.split()))


def _stands(fingerprint: str, text: str, words: str) -> bool:
    """`words`: the text with a space for each white space, made once for all fingerprints."""
    if fingerprint.startswith(REGEX):
        return expression(fingerprint.removeprefix(REGEX), lines=True).found(text)
    return " ".join(fingerprint.split()) in words


def _told(item: Item, requests: tuple[Request, ...], file: str) -> None:
    """An item that a request states must be found in its words: else the ledger would say it was never in sight."""
    at = f"memory {item.id}"
    if item.kind not in TOLD or item.exposure not in ("request", "first_request"):
        return
    if item.exposure == "first_request" and item.since != 1:
        raise TaskError(file, f"{at}.from", f"request {item.since}", "the first request, which exposure names")
    if item.since == 0:
        raise TaskError(file, f"{at}.from", "start", f"a step, or another exposure than {item.exposure!r}")
    request = requests[item.since - 1]
    if not any(matches(fingerprint, request.text) for fingerprint in item.fingerprints):
        raise TaskError(file, f"{at}.fingerprints", f"none of them in the words of {request.id}", "one that stands where the item is stated")


def _apart(every: tuple[Item, ...], items: Mapping[str, Item], file: str) -> None:
    """No fingerprint stands in another item's text; one that supersedes another may name it."""
    texts = [(other, set(_line(other, items)), " ".join(other.text.split())) for other in every]
    for item in every:
        for other, line, words in texts:
            if other.id == item.id or item.id in line:
                continue
            hit = next((each for each in item.fingerprints if _stands(each, other.text, words)), None)
            if hit is not None:
                raise TaskError(file, f"memory {item.id}.fingerprints", f"{hit[:60]!r}, which stands in the text of {other.id}, too", "words of this item alone")


def _line(item: Item, items: Mapping[str, Item]) -> list[str]:
    """Ids of what it supersedes, the nearest first; ends where it would come round."""
    found: dict[str, None] = {}
    while item.supersedes in items and item.supersedes not in found:
        found[item.supersedes] = None
        item = items[item.supersedes]
    return list(found)


def _chains(items: Mapping[str, Item], file: str) -> None:
    for item in items.values():
        if item.id in _line(item, items):
            raise TaskError(file, f"memory {item.id}.supersedes", f"{item.supersedes!r}, which leads back to it", "a chain that ends")
    followed = Counter(item.supersedes for item in items.values() if item.supersedes)
    for item in items.values():
        if not item.supersedes:
            continue
        at, old = f"memory {item.id}.supersedes", items[item.supersedes]
        if followed[old.id] > 1:
            raise TaskError(file, at, f"{old.id!r}, which another item supersedes, too", "one successor for each")
        if old.until is None or old.until > item.since:
            end = "never ends" if old.until is None else f"holds until request {old.until}"
            raise TaskError(file, at, f"{old.id!r}, which {end}, by one from request {item.since}", "an item that holds no more by then")


def _constraint(constraint: Constraint, items: Mapping[str, Item], stages: int, file: str) -> None:
    at = f"constraint {constraint.item}"
    item = items.get(constraint.item)
    if item is None:
        raise TaskError(file, f"{at}.item", repr(constraint.item), "the id of a [[memory]]")
    stage = only_at(constraint.occasion)
    if stage is None:
        return
    if isinstance(constraint.occasion, At) and not 1 <= stage <= stages:
        raise TaskError(file, f"{at}.occasion.stage", stage, f"a request from 1 to {stages}")
    if not holds(item, stage):
        raise TaskError(file, f"{at}.occasion", f"only at request {stage}, where {item.id} does not hold", f"an occasion {_span(item)}")


def holds(item: Item, stage: int) -> bool:
    """Whether it is valid while this request is worked on."""
    return item.since <= stage and (item.until is None or stage < item.until)


def _span(item: Item) -> str:
    return f"from request {item.since} on" + (f", before request {item.until}" if item.until is not None else "")


def _milestone(milestone: Milestone, items: Mapping[str, Item], file: str) -> None:
    at = f"milestone {milestone.id}"
    if not milestone.point.strip() or not milestone.point.isprintable():
        raise TaskError(file, f"{at}.point", repr(milestone.point[:40]), "the number that the request gives it")
    for path in milestone.scope:
        glob(path, file, f"{at}.scope")
    if milestone.until is not None and milestone.until <= milestone.stage:
        raise TaskError(file, f"{at}.until", f"request {milestone.until}, asked for by request {milestone.stage}", "a later request")
    for name in milestone.items:
        if name not in items:
            raise TaskError(file, f"{at}.items", repr(name), "ids of [[memory]]")
        if not holds(items[name], milestone.stage):
            raise TaskError(file, f"{at}.items", f"{name!r}, which does not hold at request {milestone.stage}", f"an item that does; this one {_span(items[name])}")


def _depends(milestone: Milestone, before: Mapping[str, int], every: Iterable[Milestone], file: str) -> None:
    known = {each.id: each.stage for each in every}
    for name in milestone.depends:
        if name not in known:
            raise TaskError(file, f"milestone {milestone.id}.depends", repr(name), "ids of [[milestone]]")
        if known[name] > milestone.stage or (known[name] == milestone.stage and name not in before):
            raise TaskError(file, f"milestone {milestone.id}.depends", f"{name!r}, which does not come before it", "earlier milestones")


def _points(made: Manifest, file: str) -> None:
    """Each number once in a request, and in each request that asks for something one at least."""
    asked = Counter((milestone.stage, milestone.point) for milestone in made.milestones)
    for (asking, point), count in asked.items():
        if count > 1:
            raise TaskError(file, "milestone.point", f"{point!r} twice in request {asking}", "each number once in a request")
    met = {milestone.stage for milestone in made.milestones}
    for number, stage in enumerate(made.stages, 1):
        if number not in met and not stage.interlude:
            raise TaskError(file, f"stage {stage.request}", "no milestone", "a [[milestone]], or interlude = true")
        if number in met and stage.interlude:
            raise TaskError(file, f"stage {stage.request}.interlude", "true beside a [[milestone]]", "one of both")
