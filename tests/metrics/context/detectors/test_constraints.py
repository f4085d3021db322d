"""C1 to C4 of hand-played tries whose losses are known."""

from __future__ import annotations

import msgspec

from harness.core.memory import Constraint, Item, Manifest
from harness.core.predicates import At, Says
from harness.metrics.context.detectors.constraints import find
from tests.metrics.context.detectors.played import FROZEN, PORT, SUFFIX, Play, function, kinds, named, unchanged

RULES = Manifest(items=(SUFFIX, FROZEN), constraints=(named(), unchanged()))


def adding(names: str, manifest: Manifest = RULES) -> Play:
    """One function a turn: of each word the file and function."""
    play = Play(manifest, {"migrations/one.py": "A = 1\n", "pkg/__init__.py": ""})
    for word in names.split():
        play.write(f"pkg/{word}.py", function(word)).over()
    return play


def lasting(play: Play) -> list[tuple[str, str, int, int, int]]:
    return [one for one in kinds(list(find(play.finish().scene()))) if one[0] != "C4"]


def test_a_rule_kept_twice_and_then_broken_has_drifted() -> None:
    """C1 at the first violation, known when its grace is over."""
    assert lasting(adding("a_op b_op c d_op e_op f_op")) == [("C1", "suffix", 3, 3, 5)]


def test_a_rule_broken_at_its_first_opportunity_was_never_taken_up() -> None:
    """C2 once, though it is broken again and again."""
    assert lasting(adding("a b c d e")) == [("C2", "suffix", 1, 1, 3)]


def test_later_slips_of_one_drift_are_no_new_findings() -> None:
    """C1 counts losses; the rates count slips."""
    assert lasting(adding("a_op b_op c d e f")) == [("C1", "suffix", 3, 3, 5)]


def test_one_kept_opportunity_is_neither_adoption_nor_its_absence() -> None:
    """A violation after just one is in no class."""
    assert lasting(adding("a_op b c_op")) == []


def test_a_rule_taken_up_again_can_be_lost_again() -> None:
    """Two kept opportunities after a loss make the next one a loss of its own."""
    assert [one[:3] for one in lasting(adding("a_op b_op c d_op e_op f g_op"))] == [("C1", "suffix", 3), ("C1", "suffix", 6)]


def test_a_slip_put_right_in_the_next_turn_is_passing() -> None:
    """C4, apart from the losses."""
    play = adding("a_op b_op c")
    play.write("pkg/c.py", function("c_op")).over().finish()
    assert [one[:3] for one in kinds(list(find(play.scene())))] == [("C4", "suffix", 3)]


def test_a_waived_rule_is_silent() -> None:
    """What is done after the request that ends a rule does not count."""
    waived = msgspec.structs.replace(SUFFIX, until=2)
    play = adding("a_op b_op", Manifest(items=(waived,), constraints=(named(),))).finish()
    play.write("pkg/c.py", function("c")).over().over().over().finish()
    assert list(find(play.scene())) == []


def test_a_formatter_that_rewrites_a_frozen_file_is_silent() -> None:
    """No judgement of the model's is in what a formatter does."""
    play = adding("a_op b_op").shell("ruff format .", files={"migrations/one.py": "A  = 1\n"}).over().over().over().finish()
    assert list(find(play.scene())) == []


def test_a_frozen_file_touched_late_is_a_drift() -> None:
    """A prohibition leaves no trace while it is kept."""
    play = adding("a_op b_op").write("migrations/one.py", "A = 2\n").over().over().over()
    assert lasting(play) == [("C1", "frozen", 3, 3, 5)]


def test_what_others_change_in_a_frozen_file_is_silent() -> None:
    """Only the agent's own differences count."""
    play = adding("a_op b_op").others({"migrations/one.py": "A = 3\n"}).write("pkg/z.py", function("z_op")).over().finish()
    assert list(find(play.scene())) == []


def test_a_relapse_after_a_late_repair_is_a_drift_of_its_own() -> None:
    """Violated, put back long after the grace, and violated again: two losses; without the repair it is one and the same."""
    play = adding("a_op b_op").write("migrations/one.py", "A = 2\n").over().over().over().over()
    assert [name for name, *_ in lasting(play.write("migrations/one.py", "A = 3\n").over().over().over().finish())] == ["C1"]
    play = adding("a_op b_op").write("migrations/one.py", "A = 2\n").over().over().over().over()
    play.write("migrations/one.py", "A = 1\n").over().write("migrations/one.py", "A = 3\n").over().over().over().finish()
    assert [(kind, item) for kind, item, *_ in lasting(play)] == [("C1", "frozen"), ("C1", "frozen")]


def sleeping(words: str) -> Play:
    item = Item("header", "rule", "At the end name the licence.", ("SPDX",), manner="sleeper")
    rule = Constraint("header", Says(("pkg/licence.py",), "SPDX"), At(3))
    play = Play(Manifest(items=(item, PORT), constraints=(rule,)), {"pkg/a.py": "A = 1\n"})
    return play.finish().finish().write("pkg/licence.py", words).over().read("pkg/a.py").over().finish()


def test_a_sleeper_missed_late_is_no_drift() -> None:
    """C3 where the work went wrong, known when the request was handed back."""
    assert kinds(list(find(sleeping("L = 'mit'\n").scene()))) == [("C3", "header", 5, 3, 5)]
    assert list(find(sleeping("# SPDX\n").scene())) == []


def test_sight_of_the_item_comes_with_it() -> None:
    """Visible or not, as the ledger has it at the onset."""
    play = adding("a_op b_op c d_op e_op")
    play.hidden = ("suffix",)
    found = next(find(play.finish().scene()))
    assert (found.visible, found.distance) == (False, None)
