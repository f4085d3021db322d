"""A recorded try run once more in a fresh machine, without its model: each call, its result and its tree against the record, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

import msgspec

from harness.core.blob import Blob
from harness.core.errors import SandboxError, StoreError
from harness.core.events import Entry, TreeSeen
from harness.core.machine import PreparedImage
from harness.core.parts import INLINE, plain
from harness.core.ports import Order, Sandbox, Sandboxes, Tool
from harness.core.recorded import Lines, Tree
from harness.core.task import Place
from harness.core.trial import TrialKey
from harness.engine.bench import Bench, ordered
from harness.engine.fork import Past
from harness.engine.noise import Passed, Side
from harness.engine.recorder import Recorder
from harness.engine.replay_compare import Difference, met, of_trees, short
from harness.engine.replay_record import Call, Heard, Recording, heard
from harness.engine.replay_trees import Objects, compared

Told: TypeAlias = Literal["identical", "noise", "parted", "broken", "empty"]


class Rig(msgspec.Struct, frozen=True):
    """Where a replay happens. `lines` and `objects` are of a store that has the record's objects and keeps nothing in it.

    `past`: what a fork began with. `then`: seconds since 1970 between which the record was made. `now` gives the same of today, `step` is told each call's number.
    """

    sandboxes: Sandboxes
    image: PreparedImage
    place: Place
    past: Past | None
    labels: tuple[tuple[str, str], ...]
    tools: Mapping[str, Tool]
    lines: Lines
    objects: Objects
    then: tuple[float, float]
    now: Callable[[], float]
    step: Callable[[int], None]


class Noise(msgspec.Struct, frozen=True):
    """What a rule passed over, how often, and where first: at which turn and call (0: before the first), both sides as they were."""

    rule: str
    times: int
    turn: int
    call: int
    recorded: str
    now: str


class Parting(msgspec.Struct, frozen=True):
    """The first divergence: the turn, the call by number, tool and arguments, and both sides."""

    turn: int
    call: int
    tool: str
    arguments: str
    difference: Difference


class Replayed(msgspec.Struct, frozen=True):
    """`compared` of `calls` were run and went as recorded, or parted; seconds of tools on both sides, of the calls that were run."""

    told: Told
    calls: int
    compared: int
    noise: tuple[Noise, ...]
    notes: tuple[str, ...]
    parted: Parting | None
    recorded_s: float
    now_s: float
    fault: str = ""


Where: TypeAlias = tuple[int, int]


class _Account:
    """What has been found so far."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._noise: dict[str, Noise] = {}
        self._notes: dict[str, None] = {}
        self.compared = 0
        self.recorded_s = self.now_s = 0.0

    def hear(self, where: Where, passed: tuple[Passed, ...]) -> None:
        for one in passed:
            first = self._noise.get(one.rule) or Noise(one.rule, 0, *where, short(one.recorded), short(one.now))
            self._noise[one.rule] = msgspec.structs.replace(first, times=first.times + 1)

    def note(self, sentence: str) -> None:
        self._notes[sentence] = None

    def closed(self, parted: Parting | None, fault: str = "") -> Replayed:
        told: Told = "broken" if fault else "parted" if parted else "noise" if self._noise else "identical"
        return Replayed(
            told, len(self._recording.calls), self.compared, tuple(self._noise.values()), tuple(self._notes), parted,
            round(self.recorded_s, 6), round(self.now_s, 6), fault,
        )


def replay(recording: Recording, rig: Rig) -> Replayed:
    """Until the first divergence, which is named; a machine that fails is a fault in the answer, not in the trial. Raises StoreError."""
    account = _Account(recording)
    order = ordered(Order(rig.image, rig.place, (*rig.labels, ("purpose", "replay"))), rig.past)
    try:
        with rig.sandboxes.open(order) as sandbox:
            return account.closed(_Replay(rig, sandbox, account).run(recording))
    except SandboxError as fault:
        return account.closed(None, str(fault))


def nothing(recording: Recording, fault: str = "") -> Replayed:
    """Of a try in which no workspace was seen, or (with a `fault`) one that can't be run again."""
    return Replayed("broken" if fault else "empty", len(recording.calls), 0, (), (), None, 0.0, 0.0, fault)


class _Replay:
    """One pass over the calls in one machine, which is opened and looked at as a trial's is; what it records nobody keeps."""

    def __init__(self, rig: Rig, sandbox: Sandbox, account: _Account) -> None:
        self._rig, self._sandbox, self._account = rig, sandbox, account
        self._began, self._beside = rig.now(), False
        self._seen: TreeSeen | None = None
        record = Recorder(TrialKey("", "", "", "", "", 1), self._heard, rig.now, self)
        self._bench = Bench(sandbox, rig.lines.line(), record, _Nowhere(), forkable=False)

    def see(self, *_: object) -> None:
        """Nobody watches."""

    def _heard(self, entry: Entry) -> None:
        if isinstance(entry.event, TreeSeen):
            self._seen = entry.event

    def run(self, recording: Recording) -> Parting | None:
        if self._rig.place.network != "none":
            self._account.note("the task has a network: what answered then may answer otherwise now")
        self._bench.open(self._rig.lines.base(self._rig.image, self._rig.place), self._rig.lines, self._rig.past)
        if recording.start and (found := self._against(recording.start, None)):
            return Parting(0, 0, "", "", found)
        if recording.later:
            self._account.note(f"calls after the first step's end were not run ({recording.later}): the machine was prepared anew for them")
        for call in recording.calls:
            self._rig.step(call.number)
            found = self._once(call)
            if found:
                return Parting(call.turn, call.number, plain(call.call.name), plain(call.call.raw_arguments[:INLINE]), found)
        return None

    def _once(self, call: Call) -> Difference | None:
        if call.heard is None:
            self._account.note(f"call {call.number} had not returned when the record ends, so it was not run")
            return None
        tool = self._rig.tools.get(call.call.name)
        if tool is None:
            return self._without(call.heard)
        began = self._rig.now()
        result = tool.run(call.call, self._sandbox)
        self._count(call, self._rig.now() - began)
        found = met(call.heard, heard(result), self._sides(call.call.raw_arguments))
        self._account.hear((call.turn, call.number), found.passed)
        return found.parted or self._look(call)

    def _count(self, call: Call, seconds: float) -> None:
        self._account.compared += 1
        self._account.recorded_s += call.seconds
        self._account.now_s += seconds

    def _without(self, recorded: Heard) -> Difference | None:
        """A tool that was not there then and is not now is as it was."""
        if recorded.problem != "unknown_tool":
            return Difference("tool", "ran", "there is no such tool any more")
        self._account.compared += 1
        return None

    def _look(self, call: Call) -> Difference | None:
        """A call that needed no look then needs none now."""
        if call.tree is None:
            return None
        self._bench.look(call.call.name)
        if (call.alive or (self._seen and self._seen.alive)) and not self._beside:
            self._beside = True
            self._account.note(f"from call {call.number} on, processes left running worked beside the calls; when they write is chance")
        return self._against(call.tree, call)

    def _against(self, recorded: Tree, call: Call | None) -> Difference | None:
        assert self._seen
        now, sides = Tree(self._seen.tree, self._seen.extra, self._seen.git), self._sides(call.call.raw_arguments if call else "")
        found = compared(recorded, now, self._rig.objects, sides)
        where = (call.turn, call.number) if call else (0, 0)
        named = (msgspec.structs.replace(one, recorded=f"{path}: {one.recorded}", now=f"{path}: {one.now}") for path, one in found.passed)
        self._account.hear(where, tuple(named))
        return of_trees(found.parted, sides) if found.parted else None

    def _sides(self, call: str) -> tuple[Side, Side]:
        return Side(*self._rig.then, call), Side(self._began, self._rig.now(), call)


class _Nowhere:
    """Blobs of what nobody will read."""

    def put(self, data: bytes) -> Blob:
        return Blob("", len(data))

    def get(self, blob: Blob) -> bytes:
        raise StoreError("a replay keeps nothing")
