"""Looking again is a finding only where what was seen still stands and nothing is a reason to look."""

from __future__ import annotations

import pytest

from harness.metrics.context.detectors.exploring import find
from tests.metrics.context.detectors.acting import Acting, agrees, kinds

FILES = {"t0": {"a.py": "x = 1\n", "b.py": "y = 1\n"}}


def acting() -> Acting:
    return Acting(trees=FILES)


def test_the_same_read_while_the_first_is_visible_is_e1() -> None:
    """Path, content and output agree and the first copy stands in the view."""
    told = acting()
    told.read("a.py")
    told.shell("ls src")
    told.read("./a.py", "[a.py]\n1\tx = 1")
    found = list(find(told.scene()))
    assert [finding.name for finding in found] == ["E1@3:a.py"]
    assert found[0].visible
    assert found[0].apart == 2
    assert found[0].distance is not None
    assert found[0].distance > 0
    assert found[0].known == 3
    agrees(find, told)


def test_the_same_command_is_e1_once_for_each_repeat() -> None:
    """Each further look wastes its tokens again."""
    told = acting()
    for _ in range(3):
        told.shell("grep -rn x .", "a.py:1:x = 1")
    assert kinds(find, told) == ["E1@2", "E1@3"]


def test_a_command_that_the_request_wants_several_times_is_none() -> None:
    """By its own words; another command beside it is looked at again for nothing, and without the wish it is all the same."""
    for request, expected in (("Run `sh check.sh` 3 times.", ["E1@6"]), ("`sh check.sh` runs the checks.", ["E1@2", "E1@3", "E1@6"])):
        told = Acting(None, request, trees=FILES)
        for _ in range(3):
            told.shell("sh check.sh", "12 good")
        for _ in range(2):
            told.shell("ls src", "a.py")
            told.shell("git remote", "none") if told.now == 4 else None
        assert kinds(find, told) == expected


def test_a_copy_that_was_cleared_makes_it_e2() -> None:
    """What the policy took is the policy's cost, not the model's."""
    told = acting()
    first = told.read("a.py")
    told.replace(first, "[result cleared]")
    told.shell("ls")
    told.read("a.py")
    assert kinds(find, told) == ["E2@3:a.py"]


def test_a_repeat_in_the_same_reply_is_none() -> None:
    """Nothing had been shown when both were asked for."""
    told = acting()
    one, two = told.said("", *[("read", {"path": "a.py", "first_line": 0, "last_line": 0})] * 2)
    told.came(one, "1\tx = 1", code=None)
    told.came(two, "1\tx = 1", code=None)
    assert kinds(find, told) == []


def test_a_look_after_a_change_of_folder_is_one() -> None:
    """`cd pkg && grep` is made for what it shows, `cd pkg` is not."""
    told = acting()
    for _ in range(2):
        told.shell("cd pkg", "")
        told.shell("cd pkg && grep -rn x .", "a.py:1:x")
    assert kinds(find, told) == ["E1@4"]


def _after_own_edit(told: Acting) -> None:
    told.read("a.py")
    told.write("a.py", "x = 2\n", "t1")
    told.read("a.py", "[a.py]\n1\tx = 2")


def _after_edit_and_undo(told: Acting) -> None:
    told.read("a.py")
    told.write("a.py", "x = 2\n", "t1")
    told.write("a.py", "x = 1\n", "t2")
    told.read("a.py")


def _tests_after_edit(told: Acting) -> None:
    told.act("run_tests", {}, "3 passed", code=0)
    told.write("a.py", "x = 2\n", "t1")
    told.act("run_tests", {}, "3 passed", code=0)


def _after_a_missed_edit(told: Acting) -> None:
    told.read("a.py")
    told.act("replace", {"path": "a.py", "old": "x  = 1", "new": "x = 3"}, "Not replaced", ok=False)
    told.read("a.py")


def _flaky_once(told: Acting) -> None:
    told.shell("pytest -q", "1 failed", code=1)
    told.shell("pytest -q", "1 failed", code=1)


def _polling(told: Acting) -> None:
    for k in range(5):
        told.shell("cat build.log", f"{20 * k} %")


def _waiting(told: Acting) -> None:
    for _ in range(3):
        told.shell("sleep 5; cat build.log", "still building")


def _missing_path(told: Acting) -> None:
    for _ in range(2):
        told.act("read", {"path": "no.py", "first_line": 0, "last_line": 0}, "Failed: there is no such file.", ok=False)


def _new_file(told: Acting) -> None:
    told.write("c.py", "z = 1\n", "t1")
    told.read("c.py")


def _other_range(told: Acting) -> None:
    told.read("a.py", "[a.py: lines 1 to 2 of 9]\n1\tx", 1, 2)
    told.read("a.py", "[a.py: lines 3 to 4 of 9]\n3\tx", 3, 4)


def _before_an_edit_long_after(told: Acting) -> None:
    told.read("a.py")
    for k in range(6):
        told.shell(f"grep -rn name{k} .", f"{k}")
    told.read("a.py")
    told.write("a.py", "x = 2\n", "t1")


def _at_the_next_request(told: Acting) -> None:
    told.act("run_tests", {}, "3 passed", code=0)
    told.finish("1.1", last=False)
    told.request("Now 2.1.")
    told.act("run_tests", {}, "3 passed", code=0)


def _no_output(told: Acting) -> None:
    for _ in range(2):
        told.act("shell", {"command": "git add -A", "seconds": 0}, "[exit code 0, no output]", code=0)


@pytest.mark.parametrize(
    "tell",
    [
        _after_own_edit, _after_edit_and_undo, _tests_after_edit, _after_a_missed_edit, _flaky_once, _polling, _waiting, _missing_path,
        _new_file, _other_range, _before_an_edit_long_after, _at_the_next_request, _no_output,
    ],
)  # fmt: skip
def test_a_look_with_a_reason_is_silent(tell) -> None:
    """Look-alikes of a redundant look."""
    told = acting()
    tell(told)
    told.finish("1.1")
    assert kinds(find, told) == []


def test_the_second_rerun_of_failing_tests_is_e1() -> None:
    """Once may be a flake; twice is not looking."""
    told = acting()
    for _ in range(3):
        told.shell("pytest -q", "1 failed", code=1)
    assert kinds(find, told) == ["E1@3"]


def test_another_file_may_change_while_a_read_stays_redundant() -> None:
    """Only the file that is read decides, of a command the whole tree does."""
    told = acting()
    told.read("a.py")
    told.shell("grep -rn q .", "nothing like it")
    told.write("b.py", "y = 2\n", "t1")
    told.shell("grep -rn q .", "nothing like it")
    told.read("a.py")
    told.finish("1.1")
    assert kinds(find, told) == ["E1@5:a.py"]


def test_a_careful_look_is_told_when_no_edit_has_followed() -> None:
    """A read of long ago is known to be waste three turns on, live as later."""
    told = acting()
    told.read("a.py")
    for k in range(10):
        if k == 6:
            told.read("a.py")
        told.shell(f"grep -rn name{k} .", f"{k}")
    told.finish("1.1")
    (finding,) = find(told.scene())
    assert (finding.name, finding.known) == ("E1@8:a.py", 11)
    agrees(find, told)


LONG = {"t0": {"a.py": "x = 1\n" * 9, "b.py": "y = 1\n"}}
WHOLE = "[a.py: lines 1 to 9 of 9]\n1\tx = 1"
PART = "[a.py: lines 2 to 4 of 9]\n2\tx = 1"


def _parts(told: Acting, *, between: tuple[str, ...] = ("ls src",)) -> Acting:
    """A file read whole, then some of its lines."""
    told.read("a.py", WHOLE)
    for command in between:
        told.shell(command)
    told.read("a.py", PART, 2, 4)
    return told


def test_lines_that_one_look_has_shown_are_e1_again() -> None:
    """Told once it is clear that no edit follows, live as later; the path is the file's."""
    told = _parts(Acting(trees=LONG))
    for command in ("ls a", "ls b", "ls c"):
        told.shell(command)
    told.finish("1.1")
    (finding,) = find(told.scene())
    assert (finding.name, finding.known, finding.visible) == ("E1@3:a.py", 6, True)
    agrees(find, told)


def test_a_part_of_what_was_cleared_is_e2() -> None:
    """The wider look stands in the view no more."""
    told = Acting(trees=LONG)
    first = told.read("a.py", WHOLE)
    told.replace(first, "[result cleared]")
    told.shell("ls")
    told.read("a.py", PART, 2, 4)
    told.finish("1.1")
    assert kinds(find, told) == ["E2@3:a.py"]


def _narrowed_to_edit(told: Acting) -> None:
    _parts(told)
    told.write("a.py", "x = 2\n", "t1")


def _changed_between(told: Acting) -> None:
    told.read("a.py", WHOLE)
    told.write("a.py", "x = 2\n" * 9, "t1")
    told.read("a.py", PART, 2, 4)


def _wider_than_before(told: Acting) -> None:
    told.read("a.py", PART, 2, 4)
    told.read("a.py", WHOLE)


def _only_partly_shown(told: Acting) -> None:
    told.read("a.py", "[a.py: lines 1 to 3 of 9]\n1\tx", 1, 3)
    told.read("a.py", PART, 2, 4)


def _left_out(told: Acting) -> None:
    told.read("a.py", f"{WHOLE}\n[... 4000 bytes left out; read less at once]\n9\tx = 1")
    told.read("a.py", PART, 2, 4)


def _another_tool(told: Acting) -> None:
    told.shell("cat a.py", "x = 1\n" * 9)
    told.read("a.py", PART, 2, 4)


@pytest.mark.parametrize("tell", [_narrowed_to_edit, _changed_between, _wider_than_before, _only_partly_shown, _left_out, _another_tool])
def test_lines_with_a_reason_or_not_shown_before_are_silent(tell) -> None:
    """Narrowing down before an edit, other content, other lines, lines that were left out, numbers in place of plain lines."""
    told = Acting(trees=LONG)
    tell(told)
    told.finish("1.1")
    assert kinds(find, told) == []
