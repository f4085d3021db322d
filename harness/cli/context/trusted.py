"""How far the detectors may be trusted today, and what probes of a run have decided."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress

import msgspec

from harness.answer.probe.attribution import Result, Told, resolved
from harness.answer.probe.guessed import untold
from harness.cli.context.accounts import Accounts
from harness.cli.context.audited import sentence
from harness.cli.context.lineage import made_of
from harness.cli.context.probed import probed
from harness.cli.record.runs import Held, held, recorded
from harness.core.errors import HarnessError
from harness.corpus.published import experimental, published
from harness.corpus.scorecard import KindFigures
from harness.metrics.context.account import Account
from harness.metrics.context.all import detectors
from harness.report.context.given import Probed, Score, Trust
from harness.report.context.loss import Beside
from harness.report.readout import rows
from harness.settings import Settings
from harness.store.sqlite import reading
from harness.wiring.digests import of_harness
from harness.wiring.replays import probe_of


def trust(settings: Settings) -> Trust:
    """By the last full scorecard and this machine's audit. Without a scorecard the kinds that are held to a target, and the sentence that
    says so. Raises StoreError, PlanError.
    """
    card, people = published(), sentence(settings)
    if card is None:
        return Trust(frozenset(kind for one in detectors() for kind in one.to_target))
    versions = {kind: one.version for one in detectors() for kind in one.kinds}
    why = {kind: experimental(kind, version, card) or ("below what the audit asks" if people.below & {kind, kind[0]} else "") for kind, version in versions.items()}
    scores = tuple(_score(each, card.alike.of, why.get(each.kind, "no detector of today")) for each in card.kinds if each.recall.of)
    return Trust(frozenset(kind for kind, word in why.items() if not word), people.sentence, scores)


def _score(each: KindFigures, negatives: int, why: str) -> Score:
    figures = each.precision.value, each.precision.low, each.recall.value, each.recall.low
    return Score(each.kind, each.version, *figures, each.recall.of, negatives, not why, why)


def probes(opened: Held, settings: Settings) -> tuple[Result, ...]:
    """What came of every probe of this run on this machine, the first first; one that can't be read counts as none."""
    name = opened.store.meta("run")
    found: list[Result] = []
    for path in recorded(settings):
        with suppress(HarnessError), closing(reading(path)) as store:
            probe = probe_of(store) if path.name > name[:15] else None
            if probe is not None and made_of(opened.store, store, probe):
                found.append(probed(held(path.name, settings)))
    return tuple(found)


def decided(accounts: tuple[Account, ...], results: tuple[Result, ...]) -> tuple[Account, ...]:
    """With the status and mechanism that replays gave their findings."""
    if not results:
        return accounts
    return tuple(msgspec.structs.replace(each, findings=resolved(each.trial, each.findings, results)) for each in accounts)


def given(results: tuple[Result, ...]) -> tuple[Probed, ...]:
    """Of each model and agent the first probe that tells a rate, for who probes until he likes the rate would choose it; where none tells one, the latest."""
    found: dict[tuple[str, str], Probed] = {}
    for each in (side for result in results for side in _given(result)):
        before = found.get((each.model, each.agent))
        if before is None or before.per_hundred is None:
            found[each.model, each.agent] = each
    return tuple(found.values())


def _given(result: Result) -> Iterator[Probed]:
    for side in result.sides:
        yield _side(result.run, side)


def _side(run: str, side: Told) -> Probed:
    every = next((group for group in side.groups if group.name == "all"), None)
    told = every.fraction if every else None
    return Probed(
        run, side.model, side.agent, every.points if every else 0, every.tasks if every else 0, told.fraction if told else None,
        told.per_hundred if told else None, every.why if every else "no point was replayed", dict(side.mechanisms), side.void,
        {str(cell): count for cell, count in side.knows.items()}, msgspec.structs.astuple(side.absent) if side.absent else None,
    )  # fmt: skip


def beside(opened: Held, found: Accounts, results: tuple[Result, ...]) -> Beside:
    """Verdicts are asked for only where windows differ, since nothing else needs them."""
    windows = {pulse.window for account in found.each for pulse in account.pulses if pulse.turn > account.past}
    told = rows(opened.store, opened.tasks, of_harness()) if len(windows) > 1 else ()
    passed = {row.trial: row.outcome == "passed" for row in told if row.outcome in ("passed", "failed") and not row.outside}
    return Beside(given(results), passed, found.unread, untold(results))
