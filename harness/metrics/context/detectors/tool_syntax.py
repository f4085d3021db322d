"""Detects calls that are not well formed: J1 unreadable, J2 unknown tool, J3 missing, extra or ill-typed argument, J4 written as plain words,
J5 in another model's dialect; and J0, a call that the output limit or the window cut in two, which is kept apart.

Inputs: what the wire could not read (with blame), faults of the server's parser, the problems of calls that were not run, arguments as
parsed, the reply's words. `detail` opens with the blame: "model: ", "server: " or "harness: ". One finding a turn and kind; `calls` has
every call. Arguments of the right types that can't be used (an empty range, a passage replaced by itself) are no matter of syntax.
A malformed call is a fact, and no loss of context by itself: its status is undecided, and candidate only where the model's slips of this
trial begin so late, and are so many since, that chance would hardly place them so (rising.py). Slips spread over a trial stay undecided.
Known false positives: parsers of servers that drop or reject what was well meant (a replay of the same words in a fresh view decides);
prose that shows a call outside of quotes. Forgetting shows as a slope over depth, not in one call: that is the statistics' matter.
Scorecard: found J1 200 of 200, J2 200 of 200, J3 200 of 200, J4 200 of 200, J5 200 of 200; precision 1.000 at least; validated on planted faults only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from harness.core.chat import CUT, ReplyStop
from harness.core.errors import Blame, Fault
from harness.core.findings import Finding, Status
from harness.metrics.context.said import dialects
from harness.metrics.context.said.rising import rising
from harness.metrics.context.scene import Did, Scene, Turn
from harness.metrics.context.seen.sighted import cut_at, sighted

KINDS: tuple[str, ...] = ("J0", "J1", "J2", "J3", "J4", "J5")
VERSION = 2
TO_TARGET: frozenset[str] = frozenset({"J1", "J2", "J3", "J4", "J5"})
SCHEMAS: Mapping[str, Mapping[str, type]] = {
    "shell": {"command": str, "seconds": int},
    "read": {"path": str, "first_line": int, "last_line": int},
    "write": {"path": str, "content": str},
    "replace": {"path": str, "old": str, "new": str},
    "run_tests": {},
    "finish": {"done": str, "not_done": str},
}
"""Arguments of the tools that are ours, all required; of any other tool, its own word is taken that the arguments were not right."""


class Called(msgspec.Struct, frozen=True):
    """A call that a model made or meant. `depth`: tokens of the prompt, estimated where they were not told; `kind`: "" for a good one.

    `exposed`: a bad call of an earlier turn stood in the view. `well_meant`: the reply was cut, so that nobody can tell (J0).
    """

    turn: int
    depth: int
    bad: bool
    kind: str
    blame: Blame | None
    exposed: bool
    stage: int
    seq: int
    detail: str = ""

    @property
    def well_meant(self) -> bool:
        return self.kind == "J0"


class Flaw(msgspec.Struct, frozen=True):
    kind: str
    blame: Blame
    detail: str
    seq: int


def calls(scene: Scene) -> tuple[Called, ...]:
    """Every call in order, good and bad, for the slope over depth and for contagion."""
    cuts = cut_at(scene)
    spoilt: set[str] = set()
    told: list[Called] = []
    for turn in scene.turns:
        flaws = tuple(_flaws(scene, turn))
        exposed = bool(spoilt) and any(part in spoilt and part not in cuts.get(turn.number, ()) for part in turn.view)
        depth = turn.prompt if turn.prompt is not None else _estimated(scene, turn)
        bad = [Called(turn.number, depth, f.kind != "J0", f.kind, f.blame, exposed, turn.stage, f.seq, f.detail) for f in flaws]
        flawed = {flaw.seq for flaw in flaws}
        good = [Called(turn.number, depth, False, "", None, exposed, turn.stage, did.seq) for did in turn.calls if did.seq not in flawed]
        told += sorted((*bad, *good), key=lambda each: abs(each.seq))
        if any(each.bad for each in bad):
            spoilt |= {*turn.parts, *(did.part for did in turn.calls if did.seq in flawed)}
    return tuple(told)


def _estimated(scene: Scene, turn: Turn) -> int:
    return sum(scene.words[part].tokens for part in turn.view if part in scene.words)


def find(scene: Scene) -> Iterator[Finding]:
    """One finding for each kind of flaw of a turn."""
    asked, slips = 0, list[int]()
    for turn in scene.turns:
        by_kind: dict[str, list[Flaw]] = {}
        for flaw in _flaws(scene, turn):
            by_kind.setdefault(flaw.kind, []).append(flaw)
        asked += bool(turn.calls or by_kind)
        own = any(flaw.blame is Blame.MODEL and flaw.kind != "J0" for flaws in by_kind.values() for flaw in flaws)
        slips += [asked] if own else []
        late = own and rising(slips, asked)
        for kind in sorted(by_kind):
            yield sighted(scene, _finding(turn, kind, by_kind[kind], late=late and kind != "J0"))


def _finding(turn: Turn, kind: str, flaws: list[Flaw], *, late: bool) -> Finding:
    first = flaws[0]
    more = f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else ""
    since = "; such calls came late, and are many since" if late else ""
    seqs = tuple(dict.fromkeys(flaw.seq for flaw in flaws))
    status = Status.CANDIDATE if late else Status.UNDECIDED
    return Finding(kind, "", turn.number, turn.number, turn.number, f"{first.blame.value}: {first.detail}{more}{since}", seqs, status=status)


def _flaws(scene: Scene, turn: Turn) -> Iterator[Flaw]:
    """What is wrong with the calls of a turn; faults of the parser that a retry got over are among them."""
    syntax = [fault for fault in turn.failed if fault.fault is Fault.TOOL_SYNTAX]
    yield from (Flaw("J1", fault.blame, f"the server could not read a call: {fault.text[:160]}", turn.seq) for fault in syntax)
    replied = turn.replied
    if replied is None:
        return
    if replied.stop in CUT:
        yield from _cut(scene, turn)
        return
    if replied.stop is not ReplyStop.REFUSAL:
        yield from _in_words(scene, turn)
    for did in turn.calls:
        flaw = _flaw(did)
        if flaw is not None:
            yield flaw


def _in_words(scene: Scene, turn: Turn) -> Iterator[Flaw]:
    """Calls in the plain words. What the wire could not read is J1, unless it is whole and only not of our dialect."""
    malformed = turn.replied.malformed if turn.replied is not None else ()
    dialect = "" if turn.calls else dialects.foreign(turn.said, scene.model)
    if dialect and (not malformed or dialects.whole(turn.said)):
        yield Flaw("J5", Blame.MODEL, f"a call in another dialect ({dialect})", turn.seq)
    elif malformed:
        yield from (Flaw("J1", blame, text[:160], turn.seq) for text, blame in malformed)
    elif dialects.leaked(turn, scene.model):
        yield Flaw("J4", Blame.MODEL, "a call written as plain words", turn.seq)


def _cut(scene: Scene, turn: Turn) -> Iterator[Flaw]:
    """A reply that was cut while it made a call: our limit of output, or the server's window."""
    parts = [scene.words[part] for part in turn.parts if part in scene.words]
    malformed = turn.replied.malformed if turn.replied is not None else ()
    if malformed or any(words.kind == "call" for words in parts) or dialects.begun(turn.said):
        full = turn.stop is ReplyStop.WINDOW_FULL or (turn.replied is not None and turn.replied.stop is ReplyStop.WINDOW_FULL)
        yield Flaw("J0", Blame.SERVER if full else Blame.HARNESS, "a call was cut with its reply", turn.seq)


def _flaw(did: Did) -> Flaw | None:
    blame = did.blame or Blame.MODEL
    if did.problem == "malformed":
        return Flaw("J1", blame, f"the arguments of {did.name} can't be read", did.seq)
    if did.problem == "unknown_tool":
        return Flaw("J2", blame, f"there is no tool {did.name[:80]!r}", did.seq)
    wrong = _wrong(did) if did.problem == "arguments" else ""
    return Flaw("J3", blame, f"{did.name}: {wrong}", did.seq) if wrong else None


def _wrong(did: Did) -> str:
    """How the arguments miss the schema, "" where they don't."""
    schema = SCHEMAS.get(did.name)
    if schema is None or did.arguments is None:
        return "not the arguments of this tool"
    missing = [f"{name} is missing" for name in schema if name not in did.arguments]
    extra = [f"{name[:40]} is not known" for name in did.arguments if name not in schema]
    typed = [f"{name} is no {kind.__name__}" for name, kind in schema.items() if name in did.arguments and not _is(did.arguments[name], kind)]
    return ", ".join((*missing, *extra, *typed))


def _is(value: object, kind: type) -> bool:
    """JSON Schema calls 10.0 an integer, and true is none."""
    if kind is str:
        return isinstance(value, str)
    return not isinstance(value, bool) and isinstance(value, int | float) and value == value // 1
