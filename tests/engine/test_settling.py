"""Tests over recorded trees, in real containers: what passed then, what did not, and what nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from harness.cli.context.settled import Hands, settled
from harness.cli.record.runs import Held
from harness.core import predicates
from harness.core.errors import SandboxError
from harness.core.events import Digests, Entry, Event, SandboxOpened, TreeSeen, TrialStarted
from harness.core.machine import PreparedImage
from harness.core.memory import Manifest, Milestone
from harness.core.ports import Order
from harness.core.predicates import Every, Exists
from harness.core.recorded import Tree
from harness.core.task import Brief, CopiedFile, ImageTag, Place, Provenance, RewardScript, TaskSpec, TestIds
from harness.core.trial import TrialKey
from harness.engine.settling import Ground, restoring, said
from harness.plan import Plan
from harness.store.lines import RunLines
from harness.store.sqlite import RunStore, create
from sandboxes import docker, docker_images
from sandboxes.docker_base import BaseImage
from tests.metrics.context.staged import Play

pytestmark = pytest.mark.docker

HIDDEN = b"from calc import add\n\n\ndef test_add():\n    assert add(3, 2) == 5\n\n\ndef test_zero():\n    assert add(0, 0) == 0\n"
ADD, ZERO, GONE = "tests/test_new.py::test_add", "tests/test_new.py::test_zero", "tests/test_new.py::test_gone"
CHECK = TestIds("python3 -m pytest -p no:cacheprovider -q tests", "pytest", (ADD,), (), (CopiedFile("tests/test_new.py", HIDDEN),), deadline=61)
STEPS = (
    "printf 'def add(a, b):\\n    return a + b\\n' > calc.py; mkdir -p tests/deep; printf 'no test' > tests/test_new.py; ln -s calc.py link.py; rm old.py",
    "printf 'def add(:\\n' > calc.py",
)
KEY = TrialKey("r", "t", "a", "m", "", 1)


class Scenery(msgspec.Struct):
    ground: Ground
    trees: tuple[Tree, ...]
    run: Path


@pytest.fixture(scope="module")
def scenery(base_image: BaseImage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenery]:
    """A trial's record: the image's own tree, one after each step."""
    folder = tmp_path_factory.mktemp("settling")
    (folder / "repo" / "tests").mkdir(parents=True)
    (folder / "repo" / "calc.py").write_text("def add(a, b):\n    return a - b\n")
    (folder / "repo" / "old.py").write_text("")
    place = Place(ImageTag(base_image.tag), workdir="/workspace", upload=str(folder / "repo"), memory_mb=256, cpus=1.0)
    images, run = docker_images.create(cache=folder / "cache"), folder / "run"
    create(run, (KEY,), {"run": "r", "plan": ""}).close()
    image, lines = images.prepare(place, lambda _: None), RunLines(run, docker.create())
    line = lines.line()
    with lines.sandboxes.open(Order(image, place, (("trial", "t"),))) as sandbox:
        trees = [line.start(lines.base(image, place), sandbox.prime())]
        for step in STEPS:
            assert sandbox.shell(step, deadline=60).exit_code == 0
            trees.append(line.follow(sandbox.changes()))
    task = TaskSpec("t", "sha256:t", Brief(()), place, CHECK, Provenance("x"))
    yield Scenery(Ground(task, image, trees[0], lines, lines.sandboxes, (("trial", "t"),)), tuple(trees), run)
    images.close()


def test_a_recorded_tree_is_tested_as_grading_tests_work(scenery: Scenery) -> None:
    """Each id by itself; what the agent laid in a hidden test's place is not what runs; an id that nothing reports has not passed."""
    first, good, broken = scenery.trees
    assert said(good, (ADD, GONE), scenery.ground).passed == {ADD: True, GONE: False}
    assert said(first, (ADD, ZERO), scenery.ground).passed == {ADD: False, ZERO: True}
    assert said(broken, (ZERO,), scenery.ground).passed == {ZERO: False}


def test_the_record_and_the_image_decide_what_is_laid(scenery: Scenery) -> None:
    """A link and an empty folder come along, what was removed goes."""
    patch = restoring(scenery.trees[1], scenery.ground)
    assert [(file.path, file.kind) for file in patch.files] == [("calc.py", "file"), ("link.py", "link"), ("tests/deep", "dir"), ("tests/test_new.py", "file")]
    assert patch.removed == ("old.py",)
    with scenery.ground.sandboxes.open(Order(scenery.ground.image, scenery.ground.task.place)) as sandbox:
        assert sandbox.read(PurePosixPath("calc.py")).endswith(b"a - b\n")


def test_an_image_made_anew_must_hold_what_the_trials_held(scenery: Scenery) -> None:
    """The same paths will do; others tell nothing, and the sentence names one."""
    anew = msgspec.structs.replace(scenery.ground, alike=False)
    assert said(scenery.trees[1], (ADD,), anew).passed == {ADD: True}
    other = msgspec.structs.replace(anew, first=scenery.trees[1])
    told = said(scenery.trees[1], (ADD,), other)
    assert told.passed is None
    assert "another than the trial's: 'link.py'" in told.why


def test_a_fault_of_the_world_is_no_failed_test(scenery: Scenery) -> None:
    """No machine, no such tree, no named tests: None, with the reason."""
    no_machine = msgspec.structs.replace(scenery.ground, sandboxes=Broken())  # type: ignore[arg-type]
    told = said(scenery.trees[0], (ADD,), no_machine)
    assert (told.passed, told.why) == (None, "no engine")
    assert said(Tree("0" * 40, "", ""), (ADD,), scenery.ground).passed is None
    task = msgspec.structs.replace(scenery.ground.task, check=RewardScript(()))
    assert said(scenery.trees[0], (ADD,), msgspec.structs.replace(scenery.ground, task=task)).passed is None


class Broken:
    """Has no machines."""

    def __init__(self) -> None:
        self.asked = 0

    def open(self, order: Order) -> Any:
        self.asked += 1
        raise SandboxError("no engine")

    def prepare(self, place: Place, say: object) -> PreparedImage:
        self.asked += 1
        raise SandboxError("no engine")


def test_what_was_told_once_needs_no_container_again(scenery: Scenery) -> None:
    """First by containers, then from what is kept; without hands and without what is kept nothing is known and nothing is run."""
    first, good, _ = scenery.trees
    opened = _held(scenery, (SandboxOpened("agent", _facts(scenery)), *(TreeSeen(one.tree, one.extra, one.git, "start", 0, 0, 0) for one in scenery.trees)))
    both = Every((Exists("calc.py"), predicates.Tested((ADD,))))
    milestones = (Milestone("m", "1.1", 1, both), Milestone("z", "1.2", 1, predicates.Tested((ZERO, ADD))))
    play = Play({})
    turns = tuple(msgspec.structs.replace(turn, tree=tree.tree) for turn, tree in zip(play.turn(stage=1).turn(stage=2).turns, (first, good), strict=True))
    scene: Any = SimpleNamespace(manifest=Manifest(milestones=milestones), turns=turns, base=first.tree)
    unknown = dict.fromkeys(((first.tree, (ADD,)), (first.tree, (ZERO, ADD)), (good.tree, (ADD,)), (good.tree, (ZERO, ADD))))
    said_: list[str] = []
    assert settled(opened, KEY, scene, None, said_.append) == unknown
    broken = Broken()
    assert settled(opened, KEY, scene, Hands(broken, broken), said_.append) == unknown  # type: ignore[arg-type]
    assert said_ == ["t0001: tests at settle points were not run: no engine"]
    real: Any = SimpleNamespace(prepare=lambda _place, _say: scenery.ground.image)
    known = settled(opened, KEY, scene, Hands(scenery.ground.sandboxes, real), said_.append)
    assert list(known.values()) == [False, False, True, True]
    asked = broken.asked
    assert settled(opened, KEY, scene, Hands(broken, broken), said_.append) == known  # type: ignore[arg-type]
    assert settled(opened, KEY, scene, None, said_.append) == known
    assert (broken.asked, len(said_)) == (asked, 1)
    for path in (scenery.run / "settled").iterdir():
        path.write_bytes(b'{"asked": NaN')
    assert settled(opened, KEY, scene, None, said_.append) == unknown
    opened.store.close()


def _held(scenery: Scenery, events: tuple[Event, ...]) -> Held:
    store = RunStore(scenery.run)
    pen = store.begin(KEY)
    for seq, event in enumerate((TrialStarted(KEY, 1, None, 7, Digests("", "", "", ""), "{}", "host"), *events), 1):
        pen(Entry(seq, float(seq), event))
    return Held(store, Plan(("bundled",)), {"t": scenery.ground.task})


def _facts(scenery: Scenery) -> Any:
    with scenery.ground.sandboxes.open(Order(scenery.ground.image, scenery.ground.task.place)) as sandbox:
        return sandbox.facts
