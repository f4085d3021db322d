"""A scene and its findings made into the trial's account; pure, one pass over turns and opportunities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from harness.core.findings import Finding, Opportunity
from harness.core.memory import Item, Milestone
from harness.core.trial import TrialKey
from harness.metrics.context.account import LOSSES, Account, Answer, Call, Chance, Compaction, Held, Mark, Pulse, Taken
from harness.metrics.context.all import version
from harness.metrics.context.detectors import tool_syntax
from harness.metrics.context.kept.losses import holds
from harness.metrics.context.scene import Scene, Turn
from harness.metrics.context.standing import stage_ends, unsettled

ARMS = "view "
"""Views that an arm of a replay shows on purpose are no clearings."""
LONGEST = 200
"""Characters of a subject or policy."""


def account(
    scene: Scene, findings: Iterable[Finding], key: TrialKey, answers: Sequence[Answer] = (), *, untested: int = 0
) -> Account:
    """`untested`: settle points of which nobody knows how their tests would go."""
    manifest, calls, clearings = scene.manifest, tool_syntax.calls(scene), _clearings(scene)
    found = tuple(findings)
    pulses = tuple(_pulses(scene, calls))
    return Account(
        scene.trial, scene.task, key.agent, key.model, key.variant, key.attempt, version(),
        manifest.family, manifest.tier, manifest.seed, str(scene.stop or ""), _inferred(scene), manifest.derived, untested, scene.turn_limit,
        tuple(_held(scene, item) for item in manifest.items), pulses, tuple(_chances(scene, pulses, clearings)), found, tuple(_taken(scene)),
        tuple(_mark(scene, each) for each in manifest.milestones),
        tuple(Call(each.turn, max(1, each.depth), each.bad, each.exposed, each.kind) for each in calls),
        tuple(_compaction(scene, turn, number) for number, turn in enumerate(clearings, 1)), tuple(answers), scene.past,
    )  # fmt: skip


def _inferred(scene: Scene) -> bool:
    """Of any turn; without an item nobody asked."""
    item = next(iter(scene.ledger.items), None)
    return item is not None and any(scene.ledger.sight(item, turn.number).inferred for turn in scene.turns)


def _held(scene: Scene, item: Item) -> Held:
    stages = {turn.stage: turn.number for turn in reversed(scene.turns)}
    born = min((first for stage, first in stages.items() if stage >= item.since), default=None)
    ended = None if item.until is None else min((first for stage, first in stages.items() if stage >= item.until), default=None)
    shows, spans = _sights(scene, item.id) if item.id in scene.ledger.items else ((), ())
    return Held(item.id, item.kind, item.manner, item.habit, born, ended, item.guess, item.validated, shows, spans, item.text[:LONGEST])


def _sights(scene: Scene, item: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    shows: list[int] = []
    spans: list[tuple[int, int]] = []
    for turn in scene.turns:
        sight = scene.ledger.sight(item, turn.number)
        shows += [turn.number] * (sight.exposures - len(shows))
        if sight.visible and spans and spans[-1][1] == turn.number - 1:
            spans[-1] = (spans[-1][0], turn.number)
        elif sight.visible:
            spans.append((turn.number, turn.number))
    return tuple(shows), tuple(spans)


def _pulses(scene: Scene, calls: Sequence[tool_syntax.Called]) -> Iterator[Pulse]:
    new: Counter[int] = Counter()
    for words in scene.words.values():
        new[words.turn] += words.tokens
    cut: dict[int, list[str]] = {}
    for each in scene.ledger.cuts:
        cut.setdefault(each.turn, []).append(each.kind)
    made, bad = Counter(each.turn for each in calls), Counter(each.turn for each in calls if each.bad)
    tokens = 0
    for turn in scene.turns:
        tokens += new[turn.number]
        changing = sum(did.before != did.after for did in turn.calls)
        yield Pulse(
            turn.number, turn.stage, turn.prompt, turn.window, turn.fill, turn.output, tokens, " ".join(cut.get(turn.number, ())),
            len(turn.edits), made[turn.number], bad[turn.number], changing,
        )  # fmt: skip


def _clearings(scene: Scene) -> tuple[Turn, ...]:
    return tuple(turn for turn in scene.turns[1:] if any(not edit.policy.startswith(ARMS) for edit in turn.edits))


def _chances(scene: Scene, pulses: Sequence[Pulse], clearings: Sequence[Turn]) -> Iterator[Chance]:
    items = {item.id: item for item in scene.manifest.items}
    first_cut = min((cut.turn for cut in scene.ledger.cuts if cut.kind in LOSSES), default=None)
    firsts = {turn.stage: turn.number for turn in reversed(scene.turns)}
    lost: dict[str, list[Opportunity]] = {}
    for one in scene.opportunities:
        item = items.get(one.item)
        inherited = any(_stands(each, one) for each in lost.get(one.item, ()))
        if not one.honoured:
            lost.setdefault(one.item, []).append(one)
        if item is not None and holds(item, scene, one.turn) and not unsettled(scene.manifest, scene.turns, one):
            born = min((first for stage, first in firsts.items() if stage >= item.since), default=1)
            cleared = sum(born < turn.number <= one.at for turn in clearings)
            made = _chance(scene, one, pulses, cleared, cut=first_cut is not None and first_cut <= one.at)
            yield msgspec.structs.replace(made, inherited=inherited)


def _stands(slip: Opportunity, one: Opportunity) -> bool:
    """Whether an earlier violation is about the same, or put right in this very turn, and was not put right before."""
    return slip.turn < one.turn and (slip.subject == one.subject or slip.mended == one.turn) and (slip.mended is None or slip.mended >= one.turn)


def _chance(scene: Scene, one: Opportunity, pulses: Sequence[Pulse], cleared: int, *, cut: bool) -> Chance:
    """The sight is that of the turn at which the item was in the worker's hands."""
    sight, turn = scene.ledger.sight(one.item, one.at), scene.turn(one.at)
    stage = scene.manifest.stages[turn.stage - 1] if 0 < turn.stage <= len(scene.manifest.stages) else None
    tokens = pulses[one.at - 2].tokens if one.at > 1 else 0
    since = _shown(scene, one.item, one.at)
    aside = any(each.interlude for each in scene.manifest.stages[max(0, since - 1) : turn.stage])
    return Chance(
        one.item, one.turn, turn.stage, stage.template if stage else "", tokens, one.subject[:LONGEST], one.honoured, one.repaired, one.settled,
        sight.visible, sight.distance, sight.apart, sight.fill, sight.exposures, sight.inferred, aside, cleared, cut, stage.distance if stage else None,
        mended=one.mended, begun=one.begun,
    )  # fmt: skip


def _shown(scene: Scene, item: str, turn: int) -> int:
    """The request in which the item's words were shown that were last in view by this turn; the one that states it where none ever were."""
    for number in range(turn, 0, -1):
        sight = scene.ledger.sight(item, number)
        if sight.visible:
            return scene.turn(max(1, number - (sight.apart or 0))).stage
    return max(1, next((one.since for one in scene.manifest.items if one.id == item), 1))


def _taken(scene: Scene) -> Iterator[Taken]:
    items = {item.id for item in scene.manifest.items}
    for cut in scene.ledger.cuts:
        lost = scene.ledger.lost(cut.turn) if cut.kind in LOSSES else ()
        yield Taken(cut.turn, cut.kind, cut.tokens, tuple(name for name in lost if name in items), len(lost), cut.declared)


def _mark(scene: Scene, one: Milestone) -> Mark:
    told = {each.turn: each.held for each in scene.reached if each.milestone == one.id}
    ends = {turn.stage: told[turn.number] for turn in stage_ends(scene.turns) if turn.number in told}
    final = told[max(told)] if told else None
    return Mark(one.id, one.point, one.stage, one.items, tuple(sorted(ends.items())), final)


def _compaction(scene: Scene, turn: Turn, number: int) -> Compaction:
    """Of items that could be seen a turn earlier and held; what machines found is among the observations."""
    policy = ", ".join(dict.fromkeys(edit.policy for edit in turn.edits))[:LONGEST]
    lost = frozenset(scene.ledger.lost(turn.number))
    return Compaction(turn.number, number, policy, tuple(_survived(scene.ledger.items, scene, turn.number, lost)))


def _survived(items: Mapping[str, Item], scene: Scene, turn: int, lost: frozenset[str]) -> Iterator[tuple[str, int, int]]:
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for name, item in items.items():
        if scene.ledger.valid(name, turn) and scene.ledger.sight(name, turn - 1).visible:
            before[item.kind] += 1
            after[item.kind] += name not in lost
    yield from ((kind, before[kind], after[kind]) for kind in sorted(before))
