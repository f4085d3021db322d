"""Figures of single kinds, played again, put into a scorecard that is kept; pure."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from harness.corpus.scorecard import Scorecard


def merged(kept: Scorecard, again: Scorecard, kinds: Collection[str]) -> Scorecard:
    """The kept card with the rows of `kinds` from `again`; all other rows stay with the versions that they were scored as.

    Runs of these kinds that were played in containers again are told of as they came out now. What clean and look-alike runs showed is taken from whichever played more of them, the later where they are equal. Raises ValueError for
    cards of another corpus or seed: their runs are others.
    """
    if (kept.corpus, kept.seed) != (again.corpus, again.seed):
        raise ValueError(f"corpus {kept.corpus} of seed {kept.seed}, while this is corpus {again.corpus} of seed {again.seed}")
    rows = {each.kind: each for each in kept.kinds} | {each.kind: each for each in again.kinds if each.kind in kinds}
    named = {_case(each) for each in again.unlike}
    quiet = again if again.alike.of >= kept.alike.of else kept
    return msgspec.structs.replace(
        kept, kinds=tuple(rows[kind] for kind in sorted(rows)), alike=quiet.alike, false_per_100=quiet.false_per_100,
        faults=tuple(dict.fromkeys((*kept.faults, *again.faults))), audited=again.audited,
        again=max(kept.again, again.again), unlike=(*(each for each in kept.unlike if not (_case(each) in named or (again.again and each.partition("-")[0] in kinds))), *again.unlike),
    )  # fmt: skip


def _case(sentence: str) -> str:
    return sentence.partition(":")[0]
