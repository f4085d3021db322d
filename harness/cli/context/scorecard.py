"""`longhaul scorecard`: what the detectors find of what is planted in scripted runs, and of what only looks like it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.context.audited import sentence
from harness.cli.context.corpus_running import CHUNK, Chunk, Told, run
from harness.cli.context.scorecard_text import show
from harness.cli.record.landing import land
from harness.core.errors import PlanError, StoreError
from harness.corpus.deck import VERSION, Draw, draws, families, kinds
from harness.corpus.merging import merged
from harness.corpus.published import read as kept_card
from harness.corpus.scorecard import Detected, Scorecard
from harness.corpus.scorecard import scorecard as counted
from harness.metrics.context.all import detectors
from harness.settings import read

SLICE, FULL = 8, 200
"""Positives of each kind; a detector to target needs two hundred."""
ALIKE_EACH = 5
"""Look-alikes to each positive: a thousand in full."""
SAMPLE = 20
"""One run in so many is played again in a container."""
BESIDE = 8
"""Where single kinds are scored for a card that is kept, one in so many runs of every other kind is played, for what is said of it falsely."""


def scorecard(
    full: bool = typer.Option(False, "--full/--slice", help=f"{FULL} runs of each planted kind and 1,000 look-alikes, or {SLICE} and a few."),
    seed: int = typer.Option(1, "--seed", min=0, help="Draws places, bases and words; the same seed gives the same corpus."),
    runs: int = typer.Option(None, "--runs", min=1, max=5_000, help="Runs of each planted kind, in place of the above; five times as many look-alikes."),
    kind: str = typer.Option("", "--kind", help="Plant only this kind, for instance C1, or several with commas between."),
    containers: bool = typer.Option(False, "--containers", help="Play one run in twenty in containers as well; the findings must be equal."),
    keep: Path = typer.Option(None, "--keep", help="Keep the runs in this folder, which must not be there yet."),
    write: Path = typer.Option(None, "--write", help="Keep the figures in this file; with --kind only the rows of those kinds are put into the card that is there."),
    jobs: int = typer.Option(None, "--jobs", min=1, max=64, help="Worker processes; without it two, or one where there is one core."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.scorecard/1."),
) -> int:
    """Score every detector on scripted workers with planted faults and on look-alikes, on this machine, without any model.

    Exit 1 when a detector that is held to a target is under it.

    Example: longhaul scorecard --slice
    """
    wanted = _wanted(kind)
    kept = _kept(write) if wanted else None
    every = _draws(wanted, runs or (FULL if full else SLICE), beside=kept is not None)
    if keep is not None:
        _made(keep)
    told = _played(every, seed, keep, containers=containers, jobs=jobs or min(2, os.cpu_count() or 1))
    found = [each for one in told for each in one.runs]
    complete = kept is not None or (full and not wanted and not runs)
    unlike = tuple(sentence for one in told for sentence in one.unlike)
    card = msgspec.structs.replace(
        counted(found, detected(), corpus=VERSION, seed=seed, full=complete), audited=sentence(read()).confirmed, again=sum(one.again for one in told), unlike=unlike
    )
    if kept is not None:
        card = _put(kept, card, wanted, write)
    if write is not None:
        land(write, msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n", "--write")
    if as_json:
        body = {**msgspec.to_builtins(card), "caution": card.caution}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(body), indent=2).decode() + "\n")
    else:
        show(card, found, unlike, Console())
    return int(failed(card) or bool(unlike))


def failed(card: Scorecard) -> bool:
    """A detector under its target, too many false findings, or runs that were not what they should be."""
    return bool(card.below or card.noisy or card.faults)


def detected() -> dict[str, Detected]:
    """Kind -> who reports it."""
    return {kind: Detected(each.name, each.version, kind in each.to_target) for each in detectors() for kind in each.kinds}


def _made(keep: Path) -> None:
    """The folder for the runs. Raises PlanError where there is something already: nothing of a user's is written over."""
    try:
        keep.mkdir(parents=True)
    except FileExistsError as fault:
        raise PlanError(str(keep), "--keep", "something that is there already", "a folder that is not there yet") from fault
    except OSError as fault:
        raise PlanError(str(keep), "--keep", fault.strerror or str(fault), "a place where a folder can be made") from fault


def _wanted(kind: str) -> tuple[str, ...]:
    """Raises PlanError for a kind that no family plants."""
    known = sorted({each for name, family in families().items() if family.SORT == "fault" for each in kinds(family, name)})
    wanted = tuple(dict.fromkeys(word.strip() for word in kind.split(",") if word.strip()))
    for each in wanted:
        if each not in known:
            raise PlanError("", "--kind", repr(each), f"one of {', '.join(known)}")
    return wanted


def _kept(write: Path | None) -> Scorecard | None:
    """The card that rows are put into; None where none is there. Raises PlanError for a file that is none."""
    if write is None or not write.exists():
        return None
    try:
        return kept_card(write.read_bytes(), write.name)
    except (OSError, StoreError) as fault:
        raise PlanError(str(write), "--write", str(fault), "a scorecard to put the rows into, or a file that is not there yet") from fault


def _put(kept: Scorecard, card: Scorecard, wanted: tuple[str, ...], write: Path | None) -> Scorecard:
    try:
        return merged(kept, card, wanted)
    except ValueError as fault:
        raise PlanError(str(write), "--write", f"a card of {fault}", "one of the same corpus and seed") from fault


def _draws(wanted: tuple[str, ...], positives: int, *, beside: bool) -> tuple[Draw, ...]:
    """`beside`: single kinds with all look-alikes, and a part of every other kind."""
    if not wanted:
        return draws(positives, ALIKE_EACH * positives, positives)
    own = tuple(draw for kind in wanted for draw in draws(positives, 0, 0, kind))
    if not beside:
        return own
    some = draws(max(1, positives // BESIDE), ALIKE_EACH * positives, max(1, positives // BESIDE))
    return (*own, *(draw for draw in some if draw.kind not in wanted))


def _played(every: tuple[Draw, ...], seed: int, keep: Path | None, *, containers: bool, jobs: int) -> tuple[Told, ...]:
    cache, chunks = str(read().cache / "corpus"), list[Chunk]()
    sample = every[::SAMPLE] if containers else ()
    for alike, dealt in ((True, sample), (False, tuple(draw for draw in every if draw not in set(sample)))):
        for start in range(0, len(dealt), CHUNK):
            place = str(keep / f"{len(chunks) + 1:03d}") if keep is not None else ""
            chunks.append(Chunk(dealt[start : start + CHUNK], seed, cache, place, containers=alike))
    done = 0

    def tell(count: int) -> None:
        nonlocal done
        done += count
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {len(every)} runs" + ("\n" if done == len(every) else ""))
            sys.stderr.flush()

    return run(tuple(chunks), jobs, tell)

