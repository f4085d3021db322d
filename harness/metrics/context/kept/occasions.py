"""The opportunities of one constraint over a try: where its item could be honoured, whether it was, and when that stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from harness.core.findings import Opportunity
from harness.core.memory import Constraint, Item
from harness.core.predicates import Adds, Announced, At, Edits, Runs
from harness.metrics.context.done.doings import Step, command, hands_back, matching, settles, steps
from harness.metrics.context.predicates.footprint import touches
from harness.metrics.context.predicates.globs import within
from harness.metrics.context.predicates.judge import judged
from harness.metrics.context.predicates.look import Look
from harness.metrics.context.predicates.sources import Scope, Sources
from harness.metrics.context.predicates.verdict import Judged
from harness.metrics.context.scene import Turn

_SHOWN = 200
_NOTHING: frozenset[str] = frozenset()


class Course(msgspec.Struct, frozen=True):
    """A try's turns with the tree at the end of each, and what it began with. `grace` in turns."""

    turns: tuple[Turn, ...]
    trees: tuple[str, ...]
    base: str
    sources: Sources
    grace: int


def course(turns: tuple[Turn, ...], base: str, sources: Sources, grace: int) -> Course:
    """A turn that saw no tree ends with the one before."""
    trees, last = [], base
    for turn in turns:
        last = turn.tree or last
        trees.append(last)
    return Course(turns, tuple(trees), base, sources, grace)


class Watch:
    """One constraint, and the item that it is of."""

    def __init__(self, constraint: Constraint, item: Item, on: Course) -> None:
        self._ask, self._item, self._on = constraint, item, on

    def opportunities(self) -> Iterator[Opportunity]:
        for turn in self._on.turns:
            if not holds(self._item, turn.stage):
                continue
            match self._ask.occasion:
                case Adds() | Edits():
                    yield from self._changes(turn)
                case Runs(pattern=pattern):
                    yield from self._runs(turn, pattern)
                case At(stage=stage):
                    yield from self._at(turn, stage)

    def _changes(self, turn: Turn) -> Iterator[Opportunity]:
        done = [step for step in steps(turn, self._on.sources, self._on.base) if step.own]
        subjects = self._subjects(turn, done)
        if not subjects:
            return
        new = self._new(turn, done)
        if not new and self._judged(self._on.trees[turn.number - 1]).held is None:
            return
        breaches = new | self._left(turn, done)
        for subject, mine in shared(self._worst(subjects, breaches), breaches).items():
            settled = self._settled(turn, done, mine) if mine else (turn.number, None)
            if settled:
                path = subject.partition(":")[0]
                evidence = tuple(step.seq for step in done if path in step.paths)
                kept = not mine or settled[1] is not None
                repaired = settled[1] if mine & new else None
                mended = None if kept else self._mended(settled[0], mine)
                yield Opportunity(self._item.id, turn.number, subject, kept, settled[0], repaired, evidence, mended=mended, standing=not kept and not mine & new)

    def _subjects(self, turn: Turn, done: list[Step]) -> tuple[str, ...]:
        match self._ask.occasion:
            case Edits(paths=paths):
                return tuple(sorted({path for step in done for path in step.paths if Scope(paths).holds(path)}))
            case Adds() as adds:
                end = self._on.trees[turn.number - 1]
                every = dict.fromkeys(one for step in done for one in self._added(step, adds))
                return tuple(one for one in every if self._there(one, end))
        return ()

    def _worst(self, subjects: tuple[str, ...], breaches: frozenset[str]) -> tuple[str, ...]:
        """An edit is one opportunity, whatever it touches: about the first file in breach where there is one."""
        if not isinstance(self._ask.occasion, Edits):
            return subjects
        broken = {breach.partition(":")[0] for breach in breaches}
        return tuple([path for path in subjects if path in broken][:1]) or subjects[:1]

    def _added(self, step: Step, adds: Adds) -> Iterator[str]:
        """What a step adds that neither was there before it nor only came from elsewhere; names of two underscores are Python's own."""
        look, sources = Look(step.after, self._on.base, self._on.sources), self._on.sources
        for path in sorted(step.paths):
            if not Scope(adds.paths, adds.but, code=adds.kind != "file").holds(path) or sources.file(step.after, path) is None:
                continue
            if adds.kind == "file":
                yield from [path] if sources.file(step.before, path) is None and look.fresh(path) else []
                continue
            now, old = look.module(path), sources.at(step.before, path)
            for one in look.added(path, now, adds.kind) if now else ():
                known = old is not None and one.name in old.definitions
                if not known and not one.name.rpartition(".")[2].startswith("__") and not look.moved(one.name, adds.kind):
                    yield f"{path}:{one.name}"

    def _there(self, subject: str, tree: str) -> bool:
        path, _, name = subject.partition(":")
        module = self._on.sources.at(tree, path)
        return self._on.sources.file(tree, path) is not None and (not name or (module is not None and name in module.definitions))

    def _new(self, turn: Turn, done: list[Step]) -> frozenset[str]:
        """Breaches that the agent's own steps brought, and that are there at the turn's end."""
        new = _NOTHING
        for step in done:
            if touches(self._ask.predicate, step.paths):
                new |= self._judged(step.after).breaches - self._judged(step.before).breaches
        return new & self._judged(self._on.trees[turn.number - 1]).breaches if new else new

    def _left(self, turn: Turn, done: list[Step]) -> frozenset[str]:
        """Of an edit: what is still in breach, as a whole, of the files that it is about and that the agent's own steps changed."""
        if not isinstance(self._ask.occasion, Edits):
            return _NOTHING
        scope = Scope(self._ask.occasion.paths)
        touched = {path for step in done for path in step.paths if scope.holds(path)}
        breaches = self._judged(self._on.trees[turn.number - 1]).breaches
        return frozenset(one for one in breaches if ":" not in one and any(within(path, (one,)) for path in touched))

    def _mended(self, settled: int, mine: frozenset[str]) -> int | None:
        """The first turn after the grace at whose end nothing of the violation is left."""
        last = self._on.trees[settled - 1]
        for number in range(settled + 1, len(self._on.turns) + 1):
            tree = self._on.trees[number - 1]
            changed = tree != last and touches(self._ask.predicate, self._on.sources.changed(last, tree))
            if changed and not mine & self._judged(tree).breaches:
                return number
            last = tree
        return None

    def _settled(self, turn: Turn, done: list[Step], mine: frozenset[str]) -> tuple[int, int | None] | None:
        """(turn at whose end it stands, turn of the repair); None while the grace goes on."""
        last = max(step.place for step in done)
        if turn.yielded or any(map(settles, turn.calls[last + 1 :])):
            return turn.number, None
        for later in self._on.turns[turn.number : turn.number + self._on.grace]:
            stop = next((call for call in later.calls if settles(call)), None)
            tree = stop.before if stop and stop.before else self._on.trees[later.number - (2 if stop else 1)]
            if not mine & self._judged(tree).breaches:
                return later.number, later.number
            if stop or later.yielded:
                return later.number, None
        over = turn.number + self._on.grace
        return (over, None) if over <= len(self._on.turns) else None

    def _runs(self, turn: Turn, pattern: str) -> Iterator[Opportunity]:
        """As the tree was when the call began. A turn is handed back once, at its end, whichever of its calls asked for it and however many did."""
        finishes = []
        for call in matching(turn, pattern):
            if call.name == "finish":
                finishes.append(call)
                continue
            held = self._judged(call.before or self._on.trees[turn.number - 1]).held
            if held is not None:
                yield Opportunity(self._item.id, turn.number, (command(call) or call.name)[:_SHOWN], held, turn.number, None, (call.seq,))
        if finishes or (turn.yielded and hands_back(pattern)):
            last = finishes[-1] if finishes else None
            tree = last.before if last and last.before and not turn.yielded else self._on.trees[turn.number - 1]
            yield from self._handed(turn, tree, last.seq if last else turn.seqs[1])

    def _handed(self, turn: Turn, tree: str, seq: int) -> Iterator[Opportunity]:
        """Work that is handed back was in the worker's hands where it began, as at the end of a stage."""
        now, begun = self._judged(tree), self._begun(turn)
        # An announcement is due for what was changed: who hands back a stage that changed nothing of it owes none.
        if now.held is None or (begun is None and isinstance(self._ask.predicate, Announced)):
            return
        at = begun if begun is not None and begun < turn.number else None
        old = not now.held and now.breaches <= self._judged(self._start(turn)).breaches
        yield Opportunity(self._item.id, turn.number, "finish", now.held, turn.number, None, (seq,), at, standing=old)

    def _at(self, turn: Turn, stage: int) -> Iterator[Opportunity]:
        """A stage is over when the turn is handed back or the next one is of a later stage.

        The item was in the worker's hands where the stage's work began, whatever came of it: at the stage's end one who honoured it has its
        words before him, in his own work, and one who did not has not. That would make distance a sign of the outcome.
        """
        after = self._on.turns[turn.number].stage if turn.number < len(self._on.turns) else stage
        if turn.stage != stage or not (turn.yielded or after > stage):
            return
        held = self._judged(self._on.trees[turn.number - 1]).held
        if held is not None:
            begun = self._begun(turn)
            at = begun if begun is not None and begun < turn.number else None
            yield Opportunity(self._item.id, turn.number, f"stage {stage}", held, turn.number, None, (turn.seqs[1],), at)

    def _begun(self, end: Turn) -> int | None:
        """The first turn of the stage that changed what the predicate reads by its own hand; None where none did."""
        for turn in self._on.turns[: end.number]:
            own = (step for step in steps(turn, self._on.sources, self._on.base) if step.own) if turn.stage == end.stage else ()
            if any(touches(self._ask.predicate, step.paths) for step in own):
                return turn.number
        return None

    def _start(self, end: Turn) -> str:
        """The tree that the turn's stage began with: with what the harness has laid down for it."""
        first = next(turn for turn in self._on.turns if turn.stage == end.stage)
        before = self._on.trees[first.number - 2] if first.number > 1 else self._on.base
        return (first.calls[0].before if first.calls else first.tree) or before

    def _judged(self, tree: str) -> Judged:
        return judged(self._ask.predicate, tree, self._on.base, self._on.sources)


def holds(item: Item, stage: int) -> bool:
    """Whether the item is in force while this request is worked on."""
    return item.since <= stage and (item.until is None or stage < item.until)


def shared(subjects: tuple[str, ...], new: Iterable[str]) -> dict[str, frozenset[str]]:
    """Each subject with the breaches about it: its own name first, then its file; what is about none of them counts against the last."""
    found = {subject: set[str]() for subject in subjects}
    for breach in new:
        path = breach.partition(":")[0]
        if breach in found:
            found[breach].add(breach)
            continue
        near = [subject for subject in subjects if subject.partition(":")[0] == path and not (":" in breach and ":" in subject)]
        for subject in near or subjects[-1:]:
            found[subject].add(breach)
    return {subject: frozenset(mine) for subject, mine in found.items()}
