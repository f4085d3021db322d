"""G1, G2 and G4 of hand-played tries whose losses are known."""

from __future__ import annotations

import msgspec
import pytest

from harness.core.memory import Manifest
from harness.metrics.context.detectors import regressions, stale_edits
from tests.metrics.context.detectors.played import Play, constant, kinds

MADE = Manifest(milestones=(constant("PORT", 1),))
FIRST, RIGHT, WRONG = "HOST = 1\n", "HOST = 1\nPORT = 48213\n", "HOST = 2\nPORT = 0\n"


def built(manifest: Manifest = MADE) -> Play:
    """A milestone met at turn 2."""
    return Play(manifest, {"pkg/net.py": FIRST, "pkg/other.py": "X = 1\n"}).read("pkg/net.py").over().write("pkg/net.py", RIGHT).over()


def broken(play: Play) -> list[tuple[str, str, int, int, int]]:
    return kinds(list(regressions.find(play.scene())))


def test_a_milestone_lost_through_its_own_change() -> None:
    """G1 at the change, known after two turns."""
    assert broken(built().over().write("pkg/net.py", WRONG).over().over().over().finish()) == [("G1", "s1.1", 4, 4, 6)]


def test_a_file_put_back_is_both_a_loss_and_a_reversion() -> None:
    """G2 names the file, G1 the milestone."""
    play = built().over().write("pkg/net.py", FIRST).over().over().over().finish()
    assert broken(play) == [("G1", "s1.1", 4, 4, 6), ("G2", "pkg/net.py", 4, 4, 6)]


def test_a_loss_just_before_the_end_is_known_at_the_end() -> None:
    """Handing back ends every grace."""
    assert broken(built().write("pkg/net.py", WRONG).over().finish()) == [("G1", "s1.1", 3, 3, 4)]


def test_a_broken_state_between_two_edits_is_silent() -> None:
    """Restored within its grace."""
    assert broken(built().write("pkg/net.py", WRONG).over().over().write("pkg/net.py", RIGHT).over().finish()) == []


@pytest.mark.parametrize("how", ["said", "git"])
def test_a_deliberate_rollback_followed_by_another_fix_is_silent(how: str) -> None:
    """Announced, or through version control, it has until the work is handed back."""
    play = built()
    if how == "git":
        play.shell("git checkout -- pkg/net.py", files={"pkg/net.py": FIRST}).over()
    else:
        play.write("pkg/net.py", FIRST).over("That was wrong; I revert it and start over.")
    play.read("pkg/net.py").over().read("pkg/other.py").over().over().write("pkg/net.py", "PORT = 48213\n").over()
    assert broken(play.finish()) == []


def test_a_rollback_that_nothing_follows_is_found_in_the_end() -> None:
    """Also one through version control."""
    play = built().shell("git checkout -- pkg/net.py", files={"pkg/net.py": FIRST}).over().over().over().over().finish()
    assert [one[0] for one in broken(play)] == ["G1", "G2"]


def test_a_milestone_that_a_request_overturned_is_silent() -> None:
    """It need not hold any more."""
    over = msgspec.structs.replace(MADE.milestones[0], until=2)
    play = built(Manifest(milestones=(over,))).finish().write("pkg/net.py", FIRST).over().over().over().finish()
    assert broken(play) == []


def test_a_request_to_take_it_back_is_silent() -> None:
    """The words name the file and ask for it."""
    play = built().finish().hear("Please revert the change in net.py.", request=True)
    assert broken(play.write("pkg/net.py", FIRST).over().over().over().finish()) == []


@pytest.mark.parametrize("who", ["formatter", "others"])
def test_what_a_formatter_or_somebody_else_breaks_is_silent(who: str) -> None:
    """It is not the agent's own difference."""
    play = built()
    if who == "formatter":
        play.shell("black .", files={"pkg/net.py": WRONG}).over()
    else:
        play.others({"pkg/net.py": WRONG}).read("pkg/other.py").over()
    assert broken(play.over().over().finish()) == []


def test_what_held_by_itself_is_no_work_to_lose() -> None:
    """A milestone that held before the agent did anything for it, and is left for a moment while it works."""
    play = Play(MADE, {"pkg/net.py": RIGHT}).over().write("pkg/net.py", WRONG).over().over().over().over()
    assert broken(play) == []
    made = play.write("pkg/net.py", RIGHT).over().over().write("pkg/net.py", WRONG).over().over().over().finish()
    assert [one for one in broken(made) if one[0] == "G1"] == [("G1", "s1.1", 8, 8, 10)]


def staled(play: Play) -> list[tuple[str, str, int, int, int]]:
    return kinds(list(stale_edits.find(play.scene())))


def test_an_edit_of_what_it_has_replaced_already() -> None:
    """G4 at once; tries of the same vanished version count once."""
    play = built().replace("pkg/net.py", "HOST = 1", "HOST = 7").over()
    play.replace("pkg/net.py", "HOST = 1\n", "HOST = 8\n").over().replace("pkg/net.py", "HOST = 1", "HOST = 9").over()
    assert staled(play.finish()) == [("G4", "pkg/net.py", 4, 4, 4)]


def test_sight_of_its_own_edit_decides_the_mechanism_later() -> None:
    """The item looked up is the edit that took the passage away."""
    play = built().replace("pkg/net.py", "HOST = 1", "HOST = 7").over().replace("pkg/net.py", "HOST = 1", "HOST = 8").over()
    play.hidden = ("edit:pkg/net.py@3",)
    assert next(iter(stale_edits.find(play.scene()))).visible is False
    play.hidden = ()
    assert next(iter(stale_edits.find(play.scene()))).visible is True


def test_other_failed_edits_are_silent() -> None:
    """White space that no version had, two edits of one reply, and what a formatter or somebody else took away."""
    blank = built().replace("pkg/net.py", "HOST  =  1", "HOST = 8").over()
    twice = built().replace("pkg/net.py", "HOST = 1", "HOST = 7").replace("pkg/net.py", "HOST = 1", "HOST = 8").over()
    formatted = built().shell("ruff format", files={"pkg/net.py": "HOST=1\n"}).over().replace("pkg/net.py", "HOST = 1", "HOST = 8").over()
    others = built().others({"pkg/net.py": "HOST=1\n"}).read("pkg/net.py").over().replace("pkg/net.py", "HOST = 1", "A").over()
    missing = built().replace("pkg/none.py", "HOST = 1", "HOST = 8").over()
    for play in (blank, twice, formatted, others, missing):
        assert staled(play.finish()) == []
