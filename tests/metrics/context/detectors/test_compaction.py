"""What a policy clears is a finding only where an item that still holds went with it."""

from __future__ import annotations

import pytest

from harness.core.chat import Message
from harness.core.memory import Item, Manifest
from harness.metrics.context.detectors.compaction import find
from harness.metrics.context.said.distorted import near
from tests.metrics.context.detectors.acting import Acting, agrees, kinds, rule

PORT = Item("port", "fact", "The bridge listens on port key KQ7-ZD4X2.", ("KQ7-ZD4X2",), value="KQ7-ZD4X2", exposure="tool", since=1)
BUDGET = Item("budget", "fact", "The retry budget of the importer is 17 attempts.", ("budget of the importer is 17",), value="17", since=1)
FROZEN = Item("frozen", "rule", "Never edit files under migrations/ in this repository.", ("migrations/",), manner="prohibition", since=1)
NAMED = Item("mode", "decision", "Rounding is HALF_EVEN from now on.", ("HALF_EVEN",), value="HALF_EVEN", former=("HALF_UP",), since=1)


def acting(*items: Item) -> Acting:
    return Acting(Manifest(items=items), "Look at the log.")


def told_and_cleared(item: Item, stand_in: str) -> tuple[Acting, Message]:
    """The item is seen in an output at turn 2, whose message gives way to a stand-in before turn 3."""
    told = acting(item)
    seen = told.shell("cat notes.txt", f"Note. {item.text} So it is.")
    told.shell("ls")
    return told, told.replace(seen, stand_in, "summarise")


def test_an_item_that_a_policy_took_is_b1() -> None:
    """Visible before, no fingerprint after, known at once where it can't be had again."""
    told, _ = told_and_cleared(PORT, "[result cleared]")
    told.shell("pwd")
    told.shell("ls -l")
    told.finish("all")
    (finding,) = find(told.scene())
    assert (finding.name, finding.onset, finding.known, finding.visible) == ("B1@3:port", 3, 3, False)
    assert finding.distance is not None
    agrees(find, told)


@pytest.mark.parametrize(
    "summary",
    ["I noted: the bridge's key is KQ7-ZD4X2.", "KQ7-ZD4X2 and nothing else"],
)
def test_an_item_that_the_summary_keeps_is_none(summary: str) -> None:
    """The fingerprint is there."""
    told, _ = told_and_cleared(PORT, summary)
    told.shell("pwd")
    assert kinds(find, told) == []


def test_an_item_that_another_part_still_shows_is_none() -> None:
    """Two exposures, one cleared."""
    told = Acting(Manifest(items=(PORT,)), f"Mind: {PORT.text}")
    seen = told.shell("cat notes.txt", PORT.text)
    told.shell("ls")
    told.replace(seen, "[result cleared]")
    told.shell("pwd")
    assert kinds(find, told) == []


def test_an_item_that_holds_no_more_is_none() -> None:
    """Superseded by the second request, cleared afterwards."""
    old = Item("port", "fact", PORT.text, PORT.fingerprints, value=PORT.value, until=2)
    told = acting(old)
    seen = told.shell("cat notes.txt", old.text)
    told.finish("1.1", last=False)
    told.request("The port key does not matter any more.")
    told.shell("ls")
    told.replace(seen, "[result cleared]")
    told.shell("pwd")
    assert kinds(find, told) == []


def test_an_item_read_again_promptly_is_b0() -> None:
    """On disk and looked up within three turns: a cost, no failure."""
    told, _ = told_and_cleared(Item("port", "fact", PORT.text, PORT.fingerprints, value=PORT.value, recoverable="on_disk"), "[result cleared]")
    told.shell("cat notes.txt", PORT.text)
    told.shell("ls")
    told.shell("ls -l")
    told.shell("ls -a")
    assert kinds(find, told) == ["B0@3:port"]
    agrees(find, told)


def test_an_item_on_disk_that_nobody_reads_again_is_b1_after_three_turns() -> None:
    """The finding waits for the chance to recover, and a live reading waits as long."""
    told, _ = told_and_cleared(Item("port", "fact", PORT.text, PORT.fingerprints, value=PORT.value, recoverable="on_disk"), "[result cleared]")
    for k in range(6):
        told.shell(f"echo {k}")
    (finding,) = find(told.scene())
    assert (finding.name, finding.known) == ("B1@3:port", 6)
    agrees(find, told)


@pytest.mark.parametrize(
    ("item", "summary"),
    [
        (PORT, "Noted: the bridge's key is KQ7-ZD4Y2."),
        (NAMED, "Decided: rounding is HALF_UP."),
        (BUDGET, "Noted: the retry budget of the importer is 18 attempts."),
        (FROZEN, "Noted: edit files under migrations/ in this repository."),
    ],
)
def test_a_wrong_value_in_its_place_is_b2_and_no_b1(item: Item, summary: str) -> None:
    """A slip in a nonce, a former value, another number, a ban without its not."""
    told, _ = told_and_cleared(item, summary)
    told.shell("pwd")
    assert kinds(find, told) == [f"B2@3:{item.id}"]
    agrees(find, told)


@pytest.mark.parametrize(
    ("item", "summary"),
    [
        (FROZEN, "Rules: leave migrations/ untouched."),
        (FROZEN, "Rules: files under migrations/ are frozen in this repository."),
        (NAMED, "Rounding was HALF_UP and is HALF_EVEN now."),
        (BUDGET, "The importer tries 18 files; the retry budget of the importer is 17."),
    ],
)
def test_a_paraphrase_is_no_distortion(item: Item, summary: str) -> None:
    """The same said in other words."""
    told, _ = told_and_cleared(item, summary)
    told.shell("pwd")
    assert kinds(find, told) == []


def test_a_neighbour_that_was_there_before_is_no_slip() -> None:
    """A near name of its own is not a mutated one: the item is gone, not distorted."""
    told = acting(PORT)
    told.shell("cat keys.txt", "KQ7-ZD4Y2 is another bridge's.")
    seen = told.shell("cat notes.txt", PORT.text)
    told.shell("ls")
    told.replace(seen, "Another bridge has KQ7-ZD4Y2.")
    told.shell("pwd")
    assert kinds(find, told) == ["B1@4:port"]


def test_a_summary_that_is_the_last_reply_vouches_for_nothing() -> None:
    """Who writes the summary says its wrong value one turn before it stands in the view: still a slip."""
    spoilt = PORT.text.replace("ZD4X2", "ZD4X9")
    told = acting(PORT)
    seen = told.shell("cat notes.txt", f"Note. {PORT.text} So it is.")
    told.said(spoilt)
    told.replace(seen, spoilt, "summarise")
    told.shell("pwd")
    assert [name for name in kinds(find, told) if name.startswith("B")] == ["B2@3:port"]


def test_a_violation_soon_after_is_b3_with_the_loss_as_its_root() -> None:
    """What came of it, within ten turns."""
    told = acting(rule())
    seen = told.shell("cat RULES.md", rule().text)
    told.shell("ls")
    told.replace(seen, "[result cleared]")
    told.shell("ls -l")
    told.write("a.py", "def f(): ...\n", "t1")
    told.chance("suffix", honoured=False, settled=told.now + 2)
    told.shell("ls src")
    told.shell("ls tests")
    told.finish("all")
    loss, after = find(told.scene())
    assert (loss.name, after.name, after.root, after.onset, after.known) == ("B1@3:suffix", "B3@4:suffix", "B1@3:suffix", 3, 6)
    agrees(find, told)


def test_a_violation_that_was_repaired_or_came_late_is_no_b3() -> None:
    """Grace, and the window of ten turns."""
    told = acting(rule())
    seen = told.shell("cat RULES.md", rule().text)
    told.shell("ls")
    told.replace(seen, "[result cleared]")
    told.shell("ls -l")
    told.chance("suffix", honoured=False, settled=told.now + 1, repaired=told.now + 1)
    for k in range(12):
        told.shell(f"echo {k}")
    told.chance("suffix", honoured=False)
    assert kinds(find, told) == ["B1@3:suffix"]


def test_asking_for_it_again_is_b3() -> None:
    """The agent asks what it was told."""
    told, _ = told_and_cleared(PORT, "[result cleared]")
    told.said("Which port key does the bridge listen on?")
    assert kinds(find, told) == ["B1@3:port", "B3@3:port"]


def test_a_question_is_found_in_a_reply_without_end() -> None:
    """A word of two hundred thousand letters holds no question, and its end is not looked for from each of them."""
    told, _ = told_and_cleared(PORT, "[result cleared]")
    told.said("It is gone. Which port key does the bridge listen on? " + "a" * 200_000)
    assert kinds(find, told) == ["B1@3:port", "B3@3:port"]
    told, _ = told_and_cleared(PORT, "[result cleared]")
    told.said("The port key that the bridge listens on\nis gone?! " + "a" * 200_000)
    assert kinds(find, told) == ["B1@3:port"]


def test_a_turn_without_a_policy_action_is_none() -> None:
    """Nothing was cleared, so nothing can have been taken."""
    told = acting(PORT)
    told.shell("cat notes.txt", PORT.text)
    for k in range(5):
        told.shell(f"echo {k}")
    assert kinds(find, told) == []


def test_an_arm_that_hides_on_purpose_is_no_policy() -> None:
    """The views of replays are treatments."""
    told = acting(PORT)
    seen = told.shell("cat notes.txt", PORT.text)
    told.shell("ls")
    told.replace(seen, "[hidden]", "view evict")
    told.shell("pwd")
    assert kinds(find, told) == []


def test_near_counts_slips() -> None:
    """One or two changed, dropped or added characters; not equals, not a part of the other."""
    assert near("KQ7-ZD4X2", "KQ7-ZD4Y2", 2)
    assert near("KQ7-ZD4X2", "KQ7ZD4X2", 1)
    assert not near("KQ7-ZD4X2", "KQ7-ZD4X2", 2)
    assert not near("KQ7-ZD4X2", "KQ7-ZD4X2Q", 2)
    assert not near("KQ7-ZD4X2", "AB7-ZD4Y9", 2)
