"""What a run's page tells of its context: from accounts that are kept, or made where a task states what should be kept in mind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from harness.cli.context.accounts import accounts, kept
from harness.cli.context.trusted import beside, decided, probes, trust
from harness.cli.record.runs import Held
from harness.metrics.context.account import Account
from harness.report.context.lane import WORDS, lane
from harness.report.context.loss import Loss, loss
from harness.report.context.plot_lane import lane_svg
from harness.report.context.section import Section, section
from harness.settings import read

LEGEND = (
    ("l-found", "a finding, by its number"), ("l-shown", WORDS["shown"]), ("l-seen", WORDS["seen"]), ("l-holds", WORDS["unseen"]), ("l-kept", WORDS["kept"]),
    ("l-slipped", WORDS["slipped"]), ("l-lost", WORDS["lost"]), ("l-clear", "cleared by the agent"), ("l-cut", "cut by the server"),
)  # fmt: skip


class Material(msgspec.Struct, frozen=True):
    """`each`: trials that have lanes. `told`: None where there is nothing to say."""

    told: Loss | None = None
    each: tuple[Account, ...] = ()

    def section(self, *, redacted: bool) -> Section:
        return section(self.told, tuple(account.trial for account in self.each), redacted=redacted)

    def lanes(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Name and value of each trial's block, one drawn at a time."""
        if self.told is not None:
            yield from ((f"{account.trial}.context", _lane(account, self.told)) for account in self.each)


def material(held: Held, say: Callable[[str], None], *, redacted: bool) -> Material:
    """Nothing is read of a run of which nobody stated anything to keep in mind, unless somebody has measured it before. No test is run."""
    stated = any(task.memory is not None for task in held.tasks.values())
    if not stated and not kept(held):
        return Material()
    settings = read()
    found = accounts(held, settings, say, tests=False)
    if not found.each:
        return Material()
    results = probes(held, settings)
    each = decided(found.each, results)
    told = loss(held.store.meta("run"), each, trust(settings), beside(held, found, results))
    return Material(told, () if redacted else each)


def _lane(account: Account, told: Loss) -> dict[str, object]:
    cut = sum(bool(pulse.cut) for pulse in account.pulses)
    ended = (account.stop or "broken off").replace("_", " ")
    foot = (
        f"n = {len(account.chances)} opportunities; ended: {ended}; A {cut} of {len(account.pulses)} turns; detectors {account.measure}, {told.standing}"
        f"{'; the views are only inferred' if account.inferred else ''}"
    )
    return {"svg": lane_svg(lane(account)), "legend": LEGEND, "foot": foot}
