"""B1, B2: a summary in which an item is missing, or stands with another value. B0 of these is the summary that keeps all."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.corpus.families.recall import near
from harness.corpus.placing import Unfit, after, drawn, shell, stages
from harness.corpus.script import Base, Case, Say, Server, Truth, Viewed

KINDS: Final = ("B1", "B2")
SORT: Final = "fault"
BASES: Final = ("brief",)
WINDOW: Final = 12_000
"""A day's log is some 4,000 tokens as it is shown: three of them, and the conversation has to give way."""
NEVER_CLEARED: Final = 1_000
SOON: Final = 10
"""Turns within which what comes back counts as recovered."""


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Raises Unfit."""
    made, stage = narrowed(base, dice)
    sentences = told(base, stage)
    soon = next_calls(made, stage)
    item, value = drawn(dice, tuple((item, value) for item, value in values(base).items() if item in sentences and prints(base)[item] not in soon))
    words = dict(sentences)
    if kind == "B1":
        del words[item]
    elif not value:
        raise Unfit
    else:
        words[item] = words[item].replace(value, near(value, dice))
    made = msgspec.structs.replace(made, summary=(summary(tuple(words.values())),))
    truth = Truth(kind, item, when="summed", visible=False, proofs=(Viewed(prints(base)[item], there=False),))
    return Case("", "fault", "compaction", base.seed, made, (truth,))


def next_calls(base: Base, stage: int) -> str:
    """What the worker itself writes in the ten turns after the summary: words in it come back to its sight by its own hand."""
    at = max(place for place, say in enumerate(base.says) if say.stage == stage and say.mark == "aside")
    return "\n".join(call.arguments for say in base.says[at : at + SOON] for call in say.calls)


def told(base: Base, stage: int) -> dict[str, str]:
    """What a script told at the beginning and holds in that stage. Raises Unfit where no script tells anything."""
    found = {item.id: item.text for item in base.manifest.items if item.exposure == "tool" and (item.until is None or item.until > stage)}
    if not found:
        raise Unfit
    return found


def values(base: Base) -> dict[str, str]:
    """Item -> the words that a slip of the pen would spoil; "" where there are none."""
    return {item.id: item.value or ("" if item.manner == "prohibition" else item.fingerprints[0]) for item in base.manifest.items}


def prints(base: Base) -> dict[str, str]:
    return {item.id: item.fingerprints[0] for item in base.manifest.items}


def narrowed(base: Base, dice: Random) -> tuple[Base, int]:
    """With a window that a few logs fill, read between two requests, and an agent that has its own summary made of it; and the stage in which that comes about."""
    stage = drawn(dice, tuple(stage for stage in stages(base) if 1 < stage < max(stages(base))))
    first = next(say for say in base.says if say.stage == stage)
    # Files of other names each: the same log twice would be a reading in vain, which is another fault.
    looks = (
        Say(f"{first.name}.day", stage, "I look at what the day left behind.", (shell("cat logs/day.txt"),), "aside"),
        Say(f"{first.name}.night", stage, "And at the night.", (shell("cat logs/night.txt"),), "aside"),
        Say(f"{first.name}.rest", stage, "Now to the request itself.", (shell("wc -c logs/day.txt logs/night.txt"),), "aside"),
    )
    server = Server(window=WINDOW)
    return msgspec.structs.replace(after(base, first.name, *looks), agent="coder", recent=NEVER_CLEARED, server=server), stage


def summary(sentences: tuple[str, ...]) -> str:
    """What a worker writes down who keeps just these."""
    kept = "".join(f"- {sentence}\n" for sentence in sentences)
    return f"The requests so far are done and handed back, each with its test. What holds here:\n{kept}The request that was given last is worked on now."
