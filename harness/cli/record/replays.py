"""What a replay came to, as printed and as JSON; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from harness.engine.replay import Noise, Parting, Replayed
from harness.report.summary import counted

WORDS = {
    "identical": "identical", "noise": "identical after noise", "parted": "parted", "broken": "could not be replayed",
    "empty": "nothing to replay: no workspace was seen",
}  # fmt: skip
SHOWN = 200


class Account(msgspec.Struct, frozen=True, rename={"number": "try"}):
    """One trial's replay. `agent_parted`: where its agent, told what it had been told, wishes something else; "" where it never does."""

    trial: str
    task: str
    agent: str
    model: str
    number: int
    agent_parted: str
    replayed: Replayed

    @property
    def good(self) -> bool:
        return not self.agent_parted and self.replayed.told in ("identical", "noise", "empty")


def lines(account: Account) -> Iterator[str]:
    """The result first, then the divergence, then what was passed over and why."""
    told = account.replayed
    turn = f" at turn {told.parted.turn}" if told.parted else ""
    head = f"{account.trial} {account.task} {account.agent}" + (f" x {account.model}" if account.model != "none" else "")
    yield f"{head}, try {account.number}: {WORDS[told.told]}{turn}; {told.compared} of {counted(told.calls, 'call')} run, tools took {told.now_s:.1f} s, then {told.recorded_s:.1f} s"
    if told.parted:
        yield from _parted(told.parted)
    if told.fault:
        yield f"  {told.fault}"
    if told.told != "empty":
        yield f"  agent: {account.agent_parted or 'wishes the same when it is told the same'}"
    for noise in told.noise:
        yield from _noise(noise)
    yield from (f"  note: {note}" for note in told.notes)


def _parted(found: Parting) -> Iterator[str]:
    difference = found.difference
    where = f"turn {found.turn}, call {found.call}: {found.tool} {_short(found.arguments)}" if found.call else "before the first call"
    yield f"  {where}"
    yield f"  {difference.field}"
    yield f"    recorded: {_short(difference.recorded)}"
    yield f"    now:      {_short(difference.now)}"
    yield from (f"    | {line}" for line in difference.diff.splitlines())


def _noise(noise: Noise) -> Iterator[str]:
    where = f"first at turn {noise.turn}, call {noise.call}" if noise.call else "first at the start"
    yield f"  passed over, {noise.rule}: {counted(noise.times, 'time')}, {where}"
    yield f"    recorded: {_short(noise.recorded)}"
    yield f"    now:      {_short(noise.now)}"


def _short(text: str) -> str:
    line = text.replace("\n", "\\n")
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}... ({len(line)} characters)"


def summary(accounts: Sequence[Account]) -> str:
    """All trials in one line."""
    counts = Counter(WORDS[account.replayed.told].partition(":")[0] for account in accounts)
    words = [f"{count} {told}" for told, count in counts.items()]
    moved = sum(bool(account.agent_parted) for account in accounts)
    return f"{counted(len(accounts), 'trial')}: {', '.join(words)}" + (f"; {counted(moved, 'agent')} wished something else" if moved else "")
