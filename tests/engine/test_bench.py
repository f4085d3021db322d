"""What a try tells of its machine beside the workspace: kept when it differs outside, and named at the end."""

from __future__ import annotations

from pathlib import Path

import msgspec

from harness.core.events import Event, ShellState
from harness.core.lived import OutsideKept, OutsideSeen, PastLived
from harness.core.machine import PreparedImage, ShellKept, TreeDelta
from harness.core.ports import Order
from harness.core.recorded import Tree
from harness.core.task import ImageTag, Place
from harness.core.trial import Parent
from harness.engine.bench import NAMED, Bench, ordered
from harness.engine.fork import Past
from harness.engine.recorder import Recorder
from harness.store.blobs import BlobFolder
from harness.wiring.forking import through
from tests.engine.doubles import KEY, Silent


class Machine:
    """A sandbox whose outside is told by the test, and whose shell has the variables of the test."""

    def __init__(self, *outside: tuple[str, ...] | None) -> None:
        self.told, self.kept_for, self.variables = list(outside), list[str](), (b"A=1", b"B=two\nlines")

    def outside(self) -> tuple[str, ...] | None:
        return self.told.pop(0)

    def keep(self, words: str) -> str:
        self.kept_for.append(words)
        return f"sha256:{len(self.kept_for)}"

    def kept(self) -> ShellKept:
        return ShellKept(b"/x", self.variables)

    def changes(self) -> TreeDelta:
        return TreeDelta((), ())


class Line:
    def follow(self, _delta: TreeDelta) -> Tree:
        return Tree("t", "e", "g")


def bench(folder: Path, machine: Machine, *, forkable: bool) -> tuple[Bench, list[Event]]:
    events: list[Event] = []
    record = Recorder(KEY, lambda entry: events.append(entry.event), lambda: 0.0, Silent())
    return Bench(machine, Line(), record, BlobFolder(folder), forkable=forkable), events  # type: ignore[arg-type]


def test_a_machine_is_kept_after_turns_that_change_it_outside(tmp_path: Path) -> None:
    """Only after a turn that ran something, and once more when nothing is changed any more, so that no older image is taken for it."""
    machine = Machine(("/tmp/x",), (), ())
    held, events = bench(tmp_path, machine, forkable=True)
    held.turn_over()
    for _ in range(3):
        held.look("shell")
        held.turn_over()
        held.turn_over()
    assert [event for event in events if isinstance(event, OutsideKept)] == [OutsideKept(0, "sha256:1"), OutsideKept(0, "")]
    assert machine.kept_for == ["turn 0"]


def test_without_being_asked_no_machine_is_kept(tmp_path: Path) -> None:
    """Each image costs room and time."""
    held, events = bench(tmp_path, Machine(), forkable=False)
    held.look("shell")
    held.turn_over()
    assert not any(isinstance(event, OutsideKept) for event in events)


def test_what_is_left_outside_is_named_up_to_a_number(tmp_path: Path) -> None:
    """By an agent that ran anything, where the machine can tell."""
    many = tuple(f"/tmp/{number}" for number in range(NAMED + 5))
    for machine, wanted in ((Machine(many), [OutsideSeen(many[:NAMED], NAMED + 5)]), (Machine(None), [])):
        held, events = bench(tmp_path, machine, forkable=False)
        held.outside()
        assert events == []
        held.look("shell")
        held.outside()
        assert [event for event in events if isinstance(event, OutsideSeen)] == wanted


def test_variables_are_on_record_when_they_differ(tmp_path: Path) -> None:
    """Once, joined by NUL; a killed command tells none."""
    held, _ = bench(tmp_path, Machine(), forkable=False)
    state = ShellState("/x", kept=True)
    told = held.state(state)
    assert told is not None
    assert told.environment is not None
    assert BlobFolder(tmp_path).get(told.environment) == b"A=1\0B=two\nlines"
    assert held.state(state) == state
    assert held.state(None) is None
    assert held.state(ShellState("/x", kept=False)) == ShellState("/x", kept=False)


def test_a_kept_machine_is_opened_in_place_of_the_image() -> None:
    """Its own id stands in the record, too."""
    order = Order(PreparedImage("task", "sha256:task", "", "amd64", "/w"), Place(ImageTag("none")))
    past = Past(Parent("r", "t", 1, 1, ""), (), (), Tree("", "", ""), None, through, PastLived(1, 0, 0, 0.0, 0.0), "sha256:kept")
    assert ordered(order, None) == ordered(order, msgspec.structs.replace(past, image="")) == order
    assert (ordered(order, past).image.reference, ordered(order, past).image.workdir) == ("sha256:kept", "/w")
