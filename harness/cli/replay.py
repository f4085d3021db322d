"""`longhaul replay`: the recorded calls of a trial once more in a fresh container, each result and tree compared with the record."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime

import msgspec
import typer
from rich.console import Console

from harness.cli.record.replays import Account, lines, summary
from harness.cli.record.runs import Held, held, trial
from harness.cli.record.tried import undamaged, until
from harness.cli.screen.layout import tell
from harness.core.errors import PlanError
from harness.core.machine import PreparedImage
from harness.core.trial import TrialKey
from harness.engine.replay import Replayed, Rig, nothing
from harness.engine.replay import replay as run_again
from harness.engine.replay_record import Recording, image_of, recording
from harness.metrics.tries import latest, lived, tries
from harness.settings import read
from harness.wiring.foreign import Foreign, PluginFault
from harness.wiring.replaying import Trial, Workshop, parting, past_of, rig, workshop

CREATED = "%Y-%m-%dT%H:%M:%S%z"


def replay(
    run: str = typer.Argument("last", metavar="RUN", help="A run's id, its beginning, its name, or last."),
    trial_name: str = typer.Argument("", metavar="TRIAL", help="A trial's short id; every settled trial without it."),
    number: int = typer.Option(None, "--try", help="An earlier try of the trial; the latest without it."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.replay/1."),
) -> int:
    """Run a trial's recorded calls once more in a fresh container, without a model, and compare.

    The first divergence is named with both sides. What differs without meaning (times, addresses, temporary names, the order of
    sets, caches) is passed over by small named rules and listed. Exit code 1 where a trial parted.

    Example: longhaul replay last t0001
    """
    settings, console = read(), Console()
    opened = held(run, settings)
    told: list[Account] = []
    with undamaged(opened.store.folder):
        trials = _chosen(opened, trial_name, number, run)
        shop = workshop(opened.plan, settings, opened.store)
        images = _images(shop, trials(), Console(stderr=True))
        for one in trials():
            told.append(_account(opened, shop, one, images))
            for line in () if as_json else lines(told[-1]):
                tell(console, line)
    if as_json:
        body = {"schema": "longhaul.replay/1", "run": opened.store.meta("run"), "trials": msgspec.to_builtins(told)}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    elif len(told) > 1:
        tell(console, summary(told))
    return 0 if all(account.good for account in told) else 1


def _chosen(opened: Held, word: str, number: int | None, run: str) -> Callable[[], Iterator[Trial]]:
    """The trials, each read when it is its turn: a run's traces together may be larger than memory. Raises PlanError for none."""
    if word:
        short, key = trial(word, opened.store)
        chosen = {short: key}
    else:
        settled = opened.store.settled_shorts()
        chosen = {short: key for short, key in opened.store.keys().items() if short in settled}
    if not chosen:
        raise PlanError("", "RUN", f"{run!r}, in which no trial is settled", "a run with a settled trial, or a TRIAL that began")
    ends = {short: standing.settled or time.time() for short, standing in opened.store.progress().items()}
    return lambda: (_trial(opened, short, key, number, ends[short]) for short, key in chosen.items())


def _trial(opened: Held, short: str, key: TrialKey, number: int | None, end: float) -> Trial:
    """`end`: when it was settled; a try that stands alone began as long before as its own clock says."""
    trace = until(opened.store.trace(key), number, short)
    now = latest(trace)
    if not now:
        raise PlanError("", "TRIAL", short, "a trial that began")
    alone = number is None and len(lived(trace)) == len(now)
    first = end - (now[-1].at - now[0].at) if alone else _created(opened)
    return Trial(key, short, opened.tasks[key.task], trace, (first, end))


def _created(opened: Held) -> float:
    """Seconds since 1970, whatever the zone it was written in; 0 where it is not told."""
    with suppress(ValueError):
        return datetime.strptime(opened.store.meta("created"), CREATED).timestamp()  # noqa: DTZ007  (the format has a zone)
    return 0.0


def _images(shop: Workshop, trials: Iterator[Trial], console: Console) -> dict[str, PreparedImage]:
    """Digest -> image, before anything is run. Raises MissingError."""
    wanted = {image_of(one.trace): one.task for one in trials}
    return {digest: shop.image(task, digest, lambda text: tell(console, text)) for digest, task in wanted.items() if digest}


def _account(opened: Held, shop: Workshop, one: Trial, images: dict[str, PreparedImage]) -> Account:
    get = opened.store.blobs.get
    found, number = recording(one.trace, get), len(tries(one.trace))
    if found.start is None:
        return Account(one.short, one.key.task, one.key.agent, one.key.model, number, "", nothing(found))
    past = past_of(shop, opened.store, one)
    agent = parting(shop, one, past, get)
    with Console(stderr=True).status(f"{one.short} {one.task.id}") as status:

        def step(call: int) -> None:
            status.update(f"{one.short} {one.task.id}: call {call} of {len(found.calls)}")

        with rig(shop, opened.store.folder, one, (images[found.image], past), step) as made:
            return Account(one.short, one.key.task, one.key.agent, one.key.model, number, agent, _replayed(found, made))


def _replayed(found: Recording, made: Rig) -> Replayed:
    """Whatever a tool of the user's own raises is said of the trial."""
    try:
        with Foreign("tool", "a tool failed", "a result"):
            return run_again(found, made)
    except PluginFault as fault:
        return nothing(found, str(fault))
