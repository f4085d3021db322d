"""One call's two sides, field by field: what parts them first, with a short difference, and what noise was passed over. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

import msgspec

from harness.core.parts import plain
from harness.engine.noise import Passed, Side, alike, passed_over, skeletons
from harness.engine.replay_record import Heard
from harness.engine.replay_trees import TreeDifference

SHOWN_LINES, SHOWN_WIDTH = 12, 300
COMPARED_LINES = 400
"""Of a difference; beyond it only the first lines that differ are shown, since matching long texts takes minutes."""
CUT, KILLED = "place of a cut", "output until it was killed"
_COUNT = re.compile(r"\d+ processes ended")
_LEFT_OUT = re.compile(r"^\[\.\.\. \d+ bytes .*left out; .*\]$", re.MULTILINE)


class Difference(msgspec.Struct, frozen=True):
    """`field` as the reader knows it; both sides in a line each, and a unified difference of a few lines where they have many."""

    field: str
    recorded: str
    now: str
    diff: str = ""


class Met(msgspec.Struct, frozen=True):
    """`parted` None: the call went as recorded, but for `passed`."""

    parted: Difference | None
    passed: tuple[Passed, ...] = ()


def met(recorded: Heard, now: Heard, sides: tuple[Side, Side]) -> Met:
    """The first field that differs by no rule."""
    return Met(first) if (first := next(_plainly(recorded, now), None)) else _outputs(recorded, now, sides)


def _plainly(recorded: Heard, now: Heard) -> Iterator[Difference]:
    """Fields that no rule touches."""
    rows = (
        ("exit code", recorded.exit_code, now.exit_code), ("how it ended", recorded.ended, now.ended),
        ("ok", recorded.ok, now.ok), ("problem", recorded.problem, now.problem), ("claim", recorded.claim, now.claim),
        ("shell directory", recorded.directory, now.directory), ("state kept", recorded.kept, now.kept),
    )
    for field, old, new in rows:
        if old != new:
            yield Difference(field, _words(old), _words(new))


def _words(value: object) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) and value else repr(value)


def _outputs(recorded: Heard, now: Heard, sides: tuple[Side, Side]) -> Met:
    """The whole output first: what was shown is made of it, and noise of another length moves the place where it is cut."""
    killed = recorded.ended == "deadline"
    if not killed and (recorded.full is None or now.full is None):
        shown = _texts("output", recorded.shown, now.shown, sides)
        return shown if shown.parted or recorded.full == now.full else Met(difference("output", _whole(recorded), _whole(now), sides))
    whole = _texts("output", _text(recorded.full or b""), _text(now.full or b""), sides)
    if whole.parted and killed:
        whole = _until_killed(_text(recorded.full or b""), _text(now.full or b""), sides) or whole
    if whole.parted:
        return whole
    status = _texts("output as shown", _status(recorded, killed=killed), _status(now, killed=killed), sides)
    if status.parted or killed:
        return status if status.parted else whole
    shown = _texts("output as shown", recorded.shown, now.shown, sides)
    if shown.parted and whole.passed and _LEFT_OUT.search(recorded.shown) and _LEFT_OUT.search(now.shown):
        return Met(None, (*whole.passed, Passed(CUT, _left_out(recorded), _left_out(now))))
    return shown if shown.parted else Met(None, whole.passed or shown.passed)


def _left_out(side: Heard) -> str:
    return "".join(_LEFT_OUT.findall(side.shown)[:1])


def _whole(side: Heard) -> str:
    return side.shown if side.full is None else _text(side.full)


def _status(side: Heard, *, killed: bool) -> str:
    """The line that a tool adds; how many processes a deadline ended is chance, as is whether there was any output yet."""
    line = side.shown.rpartition("\n")[2]
    return _COUNT.sub("processes ended", line).replace(", no output", "") if killed else line


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _texts(field: str, old: str, new: str, sides: tuple[Side, Side]) -> Met:
    passed = passed_over(old, new, *sides)
    return Met(difference(field, old, new, sides)) if passed is None else Met(None, passed)


def _until_killed(old: str, new: str, sides: tuple[Side, Side]) -> Met | None:
    """Of a command ended by the clock: how far it came is chance, but the one who came less far must have said the same till there."""
    ours, theirs = old.split("\n"), new.split("\n")
    last = min(len(ours), len(theirs)) - 1
    same = passed_over("\n".join(ours[:last]), "\n".join(theirs[:last]), *sides)
    begun = ours[last].startswith(theirs[last]) or theirs[last].startswith(ours[last])
    moved = Passed(KILLED, f"{len(ours)} lines", f"{len(theirs)} lines")
    return Met(None, (*same, moved)) if same is not None and begun else None


def difference(field: str, old: str, new: str, sides: tuple[Side, Side]) -> Difference:
    """Two texts that differ: the first lines that do in earnest, and a short unified difference from there."""
    ours, theirs = old.split("\n"), new.split("\n")
    pairs = enumerate(zip(ours, theirs, strict=False))
    first = next((at for at, (a, b) in pairs if not alike(a, b, *sides)), min(len(ours), len(theirs)))
    before, after = (short(side[first]) if first < len(side) else "(no line)" for side in (ours, theirs))
    if max(len(ours), len(theirs)) < 2:
        return Difference(field, before, after)
    near = slice(first, first + COMPARED_LINES)
    shown = list(_hunks((ours[near], theirs[near]), sides))
    return Difference(f"{field}, line {first + 1}", before, after, "\n".join([*shown[:SHOWN_LINES], *["..."] * (len(shown) > SHOWN_LINES)]))


def _hunks(raw: tuple[list[str], list[str]], sides: tuple[Side, Side]) -> Iterator[str]:
    """Lines taken away and put in, matched without their noise and shown with it."""
    bare = skeletons(raw[0], sides[0]), skeletons(raw[1], sides[1])
    for tag, a, b, c, d in difflib.SequenceMatcher(None, *bare, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (f"-{short(line)}" for line in raw[0][a:b])
            yield from (f"+{short(line)}" for line in raw[1][c:d])


def short(line: str) -> str:
    """A line as a report can hold it."""
    return plain(line if len(line) <= SHOWN_WIDTH else f"{line[:SHOWN_WIDTH]}... ({len(line)} characters)")


def of_trees(found: TreeDifference, sides: tuple[Side, Side]) -> Difference:
    """A path that is not as it was, in the same words."""
    others = f" (and {found.others} more)" if found.others else ""
    field = f"workspace: {found.path}{others}"
    old, new = found.old, found.new
    if found.told:
        return Difference(field, _text(old or b""), _text(new or b""))
    if old is None or new is None or b"\0" in old + new:
        before, after = ("not there" if side is None else f"{len(side)} bytes" for side in (old, new))
        return Difference(field, before, after)
    return difference(field, _text(old), _text(new), sides)
