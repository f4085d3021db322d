"""Models of known memory through engine, record, ledger, trees and statistics: their D50 is found again, and who forgets first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from agents.models.recollection import curve
from agents.models.simulated import create as simulated
from agents.tool_loop import create as tool_loop
from benchmarks import forgetters
from harness.cli.context.corpus_ground import LateTrees, on_this_machine, tools
from harness.core.events import AgentStopped, Digests
from harness.core.facts import ModelSettings
from harness.core.machine import PreparedImage
from harness.core.task import ImageTag, Place, TaskSpec
from harness.core.trial import TrialKey
from harness.engine.trial import run_trial
from harness.engine.world import Clock, Job, World
from harness.metrics.context.account import Account
from harness.metrics.context.accounting import account
from harness.metrics.context.reading import scene
from harness.metrics.context.standing import standing
from harness.metrics.tries import of
from harness.plan import seed_of
from harness.report.context import kinds
from harness.report.context.figures import figures
from harness.store.lines import RunLines
from harness.store.sqlite import create
from harness.wiring.models import KeptModel
from task_repos.staged import create as staged

ASKED = "S,family=T6,rules=1,callers=1,seed=300,count={}"
TASKS = 10


class Nobody:
    """Grades nothing, watches nothing, and has the one image that a folder of this machine needs: none."""

    def grade(self, order, sandboxes, blobs, record) -> None:
        """What the trees show is enough."""

    def see(self, key, entry) -> None:
        """Nobody watches."""

    def prepare(self, place, say) -> PreparedImage:
        digest = f"sha256:{hashlib.sha256(place.upload.encode()).hexdigest()}"
        return PreparedImage("none", digest, digest, "none", "")


@contextmanager
def free() -> Iterator[float]:
    yield 0.0


def of_the_host(task: TaskSpec) -> TaskSpec:
    """The task on a folder of this machine; its tests are beside the point and cost a second each."""
    place = Place(ImageTag("none"), workdir="/workspace", upload=str(Path(task.place.image.context) / "repo"))
    return msgspec.structs.replace(task, place=place, brief=msgspec.structs.replace(task.brief, test_command="true"))


def accounts(folder: Path, tasks: tuple[TaskSpec, ...], name: str) -> tuple[Account, ...]:
    """One trial of each task by this model, and what is made of its record."""
    keys = [TrialKey("run", task.id, "tool_loop", f"simulated/{name}", "", 1) for task in tasks]
    store, machines = create(folder / name / "run", tuple(keys), {}), on_this_machine()
    trees, agent = LateTrees(folder / name / "run"), tool_loop()
    made = []
    model = KeptModel(simulated(moves=str(folder / "staged")), ModelSettings(name, seed=1), free)
    for number, (key, task) in enumerate(zip(keys, tasks, strict=True), 1):
        world = World(
            agent, tools(agent, task), model, machines.sandboxes, Nobody(), RunLines(folder / name / "run", machines.sandboxes), Nobody(), store.blobs,
            free, Clock(lambda: 0.0, lambda _: None, lambda: None), Nobody(), lambda _: None, lambda: "",
        )  # fmt: skip
        seed = seed_of(7, task.id, number)
        run_trial(Job(task, key, f"t{number:04}", task.limits, seed, Digests("", "", "", ""), "test", tries=1), world, store.begin(key))
        assert of(store.trace(key), AgentStopped)
        told = scene(f"t{number:04}", task, store.trace(key), store.blobs.get, trees)
        opportunities, reached = standing(task.memory, told.turns, told.base, trees, {})
        made.append(account(msgspec.structs.replace(told, opportunities=opportunities, reached=reached), (), key))
    trees.close()
    store.close()
    return tuple(made)


def found(folder: Path, names: tuple[str, ...], count: int) -> dict[str, tuple[Account, ...]]:
    tasks = tuple(of_the_host(task) for task in staged(path=ASKED.format(count), cache=str(folder)))
    return {name: accounts(folder, tasks, name) for name in names}


def half(mine: tuple[Account, ...]):
    """The D50 that a report tells of these trials."""
    told = figures([kinds.ready(each) for each in mine], frozenset(), {}).recalled[0]
    assert told.told is not None, told.lacking
    return told.told.half


def test_two_known_memories_are_ranked_and_their_half_is_found(tmp_path):
    """Each true D50 lies within its interval, the intervals tell which forgets first, and the distances on record are those it forgot by."""
    both = found(tmp_path, (forgetters.SHORT, forgetters.LONG), TASKS)
    halves = {name: half(mine) for name, mine in both.items()}
    for name, told in halves.items():
        truth = curve(name, {}).half
        assert truth is not None
        assert (told.low or 0) <= truth <= (told.high or float("inf")), (name, told)
    short, long = (halves[name] for name in (forgetters.SHORT, forgetters.LONG))
    assert short.distance is not None
    assert long.distance is None or short.distance < long.distance


def test_the_record_tells_the_distances_that_it_forgot_by(tmp_path):
    """A threshold cuts the chances on record just where it stands: all nearer ones kept, all further ones lost, and none is left out."""
    (mine,) = found(tmp_path, ("threshold-d50=6000",), 1).values()
    chances = [each for account_ in mine for each in account_.chances]
    facts = [each for each in chances if each.item.startswith("code")]
    assert len(facts) == 6
    assert all(each.visible and each.honoured == (each.distance <= 6000) for each in facts)
    assert {each.honoured for each in facts} == {True, False}


@pytest.mark.long
def test_the_whole_product_finds_what_is_known(tmp_path):
    """run, probe, context as a user gives them: memories ranked and found, causes R, X and E, the share that is attributable."""
    assert [line for line in forgetters.study(tmp_path, forgetters.TASKS) if not line.good] == []
