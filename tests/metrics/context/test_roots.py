"""Findings that follow from another are linked to it, and the list of detectors is what stands in their folder."""

from __future__ import annotations

import random

import msgspec

from harness.core.findings import Finding, Reached
from harness.core.memory import Manifest
from harness.metrics.context import all as every
from harness.metrics.context.roots import rooted
from tests.metrics.context.detectors.played import Play, constant

SCENE = Play(Manifest(milestones=(constant("PORT", 1, ("port",)),))).over().scene()


def found(kind: str, item: str, turn: int, known: int = 0, lost: tuple[str, ...] = ()) -> Finding:
    return Finding(kind, item, turn, turn, known or turn, "", lost=lost)


def roots(*findings: Finding) -> dict[str, str]:
    return {one.name: one.root for one in rooted(findings, SCENE)}


def test_what_shares_an_item_and_comes_soon_after_follows() -> None:
    """Six turns are soon, seven are not."""
    assert roots(found("C1", "x", 3), found("E1", "x", 9), found("F1", "x", 10)) == {"C1@3:x": "", "E1@9:x": "C1@3:x", "F1@10:x": "C1@3:x"}
    assert roots(found("C1", "x", 3), found("E1", "x", 10)) == {"C1@3:x": "", "E1@10:x": ""}


def test_how_work_was_handed_back_follows_from_what_its_milestone_rests_upon_however_late() -> None:
    """A loss in the milestone's own request; and one of an earlier request, as long as the milestone that it spoilt was last seen not to hold."""
    first = msgspec.structs.replace(constant("FIRST", 1, ("port",)), id="first")
    second = msgspec.structs.replace(constant("SECOND", 2, ("port_2",)), id="second", depends=("first",))
    play = Play(Manifest(milestones=(first, second)))
    for turn in range(1, 21):
        play.finish() if turn in (10, 20) else play.over()
    scene = play.scene()
    findings = (found("D1", "port", 1, 10), found("H1", "first", 10), found("H1", "second", 20), found("D1", "port_2", 9), found("E1", "port", 20))
    linked = {one.name: one.root for one in rooted(findings, scene)}
    assert (linked["H1@10:first"], linked["H1@20:second"], linked["E1@20:port"]) == ("D1@1:port", "D1@1:port", "")
    met = msgspec.structs.replace(scene, reached=(*scene.reached, Reached("first", 20, held=True)))
    assert {one.name: one.root for one in rooted(findings, met)}["H1@20:second"] == ""


def test_precedence_decides_at_the_same_turn_and_forbids_the_other_way() -> None:
    """A over B over L, C, D over G over I over E over F over H over J over K."""
    order = ["A1", "B1", "L1", "G1", "I1", "E1", "F1", "H1", "J1", "K1"]
    linked = roots(*(found(kind, "x", 4) for kind in reversed(order)))
    assert linked == {f"{kind}@4:x": "" if kind == "A1" else "A1@4:x" for kind in order}
    assert roots(found("E1", "x", 3), found("C1", "x", 4)) == {"E1@3:x": "", "C1@4:x": ""}


def test_files_milestones_and_lost_items_are_shared_too() -> None:
    """A milestone rests upon its items and looks at its files; a cut is about what it took."""
    assert roots(found("D1", "port", 2), found("H1", "s1.1", 5))["H1@5:s1.1"] == "D1@2:port"
    assert roots(found("G4", "pkg/net.py", 2), found("H1", "s1.1", 5))["H1@5:s1.1"] == "G4@2:pkg/net.py"
    assert roots(found("A1", "", 2, lost=("x",)), found("C1", "x", 5))["C1@5:x"] == "A1@2"
    assert roots(found("I2", "pkg/a.py::f", 2), found("E1", "file:pkg/a.py", 3))["E1@3:file:pkg/a.py"] == "I2@2:pkg/a.py::f"
    assert roots(found("C1", "x", 2), found("C1", "y", 3))["C1@3:y"] == ""


def test_a_link_waits_for_what_is_known() -> None:
    """A root that is known later than what follows from it would change what was told."""
    assert roots(found("C1", "x", 3, 5), found("E1", "x", 4, 4))["E1@4:x"] == ""
    assert roots(found("C1", "x", 3, 5), found("E1", "x", 4, 5))["E1@4:x"] == "C1@3:x"


def test_links_end_at_roots_in_any_order_of_telling() -> None:
    """Chains are resolved, nothing links to what is linked, nothing is lost, and the order of detectors has no effect."""
    draw = random.Random(7)
    pool = [found(draw.choice("ABCDEFGHIJKL") + "1", draw.choice("pqr"), draw.randint(1, 60)) for _ in range(300)]
    once = list({one.name: one for one in pool}.values())
    linked = rooted(once, SCENE)
    ends = {one.name for one in linked if not one.root}
    assert {one.root for one in linked} - {""} <= ends
    assert sorted(one.name for one in linked) == sorted(one.name for one in once)
    draw.shuffle(once)
    assert rooted(once, SCENE) == linked


def test_the_list_of_detectors_is_their_folder() -> None:
    """Names are modules; no two report the same kind; what is held to target is reported; the digest follows versions."""
    listed = every.DETECTORS
    kinds = [kind for one in listed for kind in one.kinds]
    assert {"constraints", "recall", "regressions", "stale_edits", "imagined", "superseded"} <= {one.name for one in listed}
    assert len(kinds) == len(set(kinds))
    assert all(one.to_target <= set(one.kinds) and one.version >= 1 for one in listed)
    named = every.of_kind("G4")
    assert named is not None
    assert named.name == "stale_edits"
    assert len(every.version()) == 12


def test_findings_are_those_of_all_detectors_linked() -> None:
    """A broken milestone and its claim, told once as a root."""
    play = Play(Manifest(milestones=(constant("PORT", 1),)), {"pkg/net.py": ""}).write("pkg/net.py", "PORT = 48213\n").over()
    scene = play.over().write("pkg/net.py", "PORT = 1\n").over().finish("1.1").scene()
    told = every.findings(scene)
    assert [one.kind for one in told if not one.root][:1] == ["G1"]
    assert list(told) == sorted(told, key=lambda one: (one.turn, one.onset, one.kind, one.item))
    assert every.findings(msgspec.structs.replace(scene)) == told
