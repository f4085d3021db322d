"""Being stuck is told from waiting, trying once more and going back on purpose."""

from __future__ import annotations

import pytest

from harness.core.memory import Manifest
from harness.metrics.context.detectors.loops import STILL, find
from tests.metrics.context.detectors.acting import Acting, agrees, kinds, points


def news(told: Acting, count: int = 1) -> None:
    """Turns that show something new."""
    for _ in range(count):
        told.shell(f"grep -rn name{told.now} .", f"{told.now}")


def test_four_same_steps_are_one_f1() -> None:
    """Told at the fourth, dated from the first, and once however long it goes on."""
    told = Acting()
    news(told)
    for _ in range(7):
        told.shell("ls", "a.py")
    (finding,) = find(told.scene())
    assert (finding.name, finding.onset, finding.known) == ("F1@5", 2, 5)
    agrees(find, told)


def test_three_same_failing_steps_are_f1() -> None:
    """The same call, the same error."""
    told = Acting()
    for _ in range(3):
        told.act("replace", {"path": "a.py", "old": "x", "new": "y"}, "Not replaced", ok=False)
    assert kinds(find, told) == ["F1@3"]


def test_six_steps_by_turns_are_f1() -> None:
    """A B A B A B with the same outcomes."""
    told = Acting()
    for _ in range(4):
        told.shell("ls", "a.py")
        told.shell("cat a.py", "x = 1")
    (finding,) = find(told.scene())
    assert (finding.name, finding.onset) == ("F1@6", 1)
    agrees(find, told)


def test_same_messages_and_empty_replies_are_f1() -> None:
    """Three of either."""
    told = Acting()
    for _ in range(3):
        told.said("I will now begin.")
    told.shell("ls")
    for _ in range(3):
        told.said("")
    assert kinds(find, told) == ["F1@3", "F1@7"]
    agrees(find, told)


def test_idle_turns_in_between_change_nothing() -> None:
    """A no-op turn neither makes nor breaks a loop."""
    told = Acting()
    for _ in range(4):
        told.shell("ls", "a.py")
        told.shell("true", "")
    assert kinds(find, told) == ["F1@7"]


def test_idling_in_a_row_is_a_loop_of_its_own() -> None:
    """Four times nothing."""
    told = Acting()
    for _ in range(5):
        told.shell("echo on it", "on it")
    assert kinds(find, told) == ["F1@4"]


def _polling(told: Acting) -> None:
    for k in range(8):
        told.shell("cat build.log", f"{k} %")


def _sleeping(told: Acting) -> None:
    for _ in range(8):
        told.shell("sleep 10", "")


def _waiting_between(told: Acting) -> None:
    for _ in range(6):
        told.shell("cat build.log", "building")
        told.shell("sleep 10", "")


def _network(told: Acting) -> None:
    for _ in range(4):
        told.shell("pip install wheel", "connection reset", code=1)


def _three_alike(told: Acting) -> None:
    for _ in range(3):
        told.shell("ls", "a.py")


def _tests_after_edits(told: Acting) -> None:
    for k in range(5):
        told.write("a.py", f"x = {k}\n", f"t{k + 1}")
        told.shell("pytest -q", "1 failed", code=1)


def _flaky(told: Acting) -> None:
    told.shell("pytest -q", "1 failed", code=1)
    told.shell("pytest -q", "1 failed", code=1)
    told.shell("pytest -q", "3 passed")


def _rollback(told: Acting) -> None:
    told.write("a.py", "x = 1\n", "t1")
    told.write("a.py", "x = 2\n", "t2")
    told.shell("git checkout a.py", tree="t1")
    told.write("a.py", "x = 3\n", "t3")


def _two_experiments(told: Acting) -> None:
    for k in (1, 2, 3):
        told.write("a.py", f"print({k})\n", f"t{k}")
        told.shell(f"git checkout a.py # {k}", tree="t0")


def _undone_step_by_step(told: Acting) -> None:
    for k in (1, 2, 3):
        told.write("a.py", f"x = {k}\n", f"t{k}")
    for tree in ("t2", "t1", "t0"):
        told.shell(f"git checkout {tree}", tree=tree)


def _back_by_request(told: Acting) -> None:
    told.write("a.py", "x = 1\n", "t1")
    told.shell("git checkout a.py", tree="t0")
    told.finish("1.1", last=False)
    told.request("On second thought, put it back.")
    told.shell("git stash pop", tree="t1")


def _many_reads(told: Acting) -> None:
    news(told, 40)


@pytest.mark.parametrize(
    "tell",
    [
        _polling, _sleeping, _waiting_between, _network, _three_alike, _tests_after_edits, _flaky, _rollback, _two_experiments,
        _undone_step_by_step, _back_by_request, _many_reads,
    ],
)  # fmt: skip
def test_look_alikes_are_silent(tell) -> None:
    """Patience and work that goes on."""
    told = Acting()
    tell(told)
    assert kinds(find, told) == []


def test_repetition_that_was_asked_for_is_silent() -> None:
    """The request wants it five times."""
    told = Acting(request="Run the benchmark five times and tell the spread.")
    for _ in range(5):
        told.shell("make bench", "12 s")
    assert kinds(find, told) == []


def test_back_and_forth_twice_is_f2() -> None:
    """Edit, undo, the same edit, undone again: dated from the first edit."""
    told = Acting()
    news(told)
    for _ in range(2):
        told.write("a.py", "x = 1\n", "t1")
        told.shell("git checkout a.py", tree="t0")
    (finding,) = [each for each in find(told.scene()) if each.kind == "F2"]
    assert (finding.turn, finding.onset) == (4, 2)
    agrees(find, told)


def test_a_dozen_turns_without_anything_new_is_f3() -> None:
    """Looks that show what was shown before, in changing order so that no loop is seen."""
    told = Acting()
    for name in "abcde":
        told.shell(f"cat {name}.py", name)
    for k in range(STILL):
        name = "abcde"[(k * k + k // 2) % 5]
        told.shell(f"cat {name}.py", name)
    assert "F3@17" in kinds(find, told)
    (finding,) = [each for each in find(told.scene()) if each.kind == "F3"]
    assert finding.onset == 6
    agrees(find, told)


def test_a_milestone_or_another_failing_test_is_progress() -> None:
    """Then the turns are counted anew; durations of tests are none."""
    told = Acting(Manifest(milestones=points("1.1", stage=1)))
    for k in range(STILL + 3):
        told.shell(f"pytest -q -k a{k % 2}", f"FAILED t::{k // 8} - x\n1 failed in 0.{k}s", code=1)
    assert not [name for name in kinds(find, told) if name.startswith("F3")]
    told = Acting(Manifest(milestones=points("1.1", stage=1)))
    for k in range(STILL + 3):
        told.shell(f"pytest -q -k a{k % 2}", f"FAILED t::b - x\n1 failed in 0.{k}s", code=1)
    assert [name for name in kinds(find, told) if name.startswith("F3")]
    told.holds(True, "m1.1", turn=8)
    assert not [name for name in kinds(find, told) if name.startswith("F3")]
