"""Findings held against truths: found, followed, listed as a companion, or planted by nobody."""

from __future__ import annotations

import msgspec

from harness.cli.context.corpus_running import shape
from harness.core.findings import Finding, Status
from harness.corpus.bases.desk import desk
from harness.corpus.matching import Matched, matched
from harness.corpus.resolving import Stood
from harness.corpus.script import Case, Sort, Truth

BASE = desk(1)


def finding(kind: str, item: str = "", onset: int = 10, root: str = "", visible: bool | None = None) -> Finding:
    return Finding(kind, item, onset, onset, onset, "so it was", root=root, visible=visible)


def held(truths: tuple[Stood, ...], *findings: Finding, sort: Sort = "fault", allowed: tuple[str, ...] = ()) -> Matched:
    return matched(Case("c", sort, "f", 1, BASE, tuple(each.truth for each in truths), allowed), truths, findings)


def truth(kind: str, item: str = "", onset: int = 10) -> Stood:
    return Stood(Truth(kind, item, "s1.read", "s1.read"), onset, onset)


def test_the_nearest_finding_is_the_one() -> None:
    """A truth takes the finding of its kind and item that is nearest, once; how far off it is stands beside it."""
    got = held((truth("C1", "naming"),), finding("C1", "naming", 15), finding("C1", "naming", 11, visible=False), finding("C1", "header", 10))
    assert [(hit.error, hit.seen) for hit in got.hits] == [(1, False)]
    assert [one.onset for one in got.linked] == [15]
    assert [one.item for one in got.false] == ["header"]


def test_a_finding_far_away_is_none_of_it() -> None:
    """More than the turns within which findings are linked is another thing."""
    got = held((truth("G4", "a.py"),), finding("G4", "a.py", 3))
    assert got.hits[0].found is None
    assert [one.onset for one in got.false] == [3]


def test_what_follows_a_planted_one_is_linked() -> None:
    """By its root, however far down; one with a root that nobody planted is not."""
    loop = finding("F1", onset=12)
    again = finding("E1", onset=13, root=loop.name)
    third = finding("I1", onset=14, root=again.name)
    got = held((truth("F1", onset=12),), loop, again, third, finding("J1", onset=14, root="K1@3"))
    assert {one.kind for one in got.linked} == {"E1", "I1"}
    assert [one.kind for one in got.false] == ["J1"]


def test_companions_are_listed_ones() -> None:
    """A file put back may bring a false completion along, a false completion nothing put back; and nothing comes along before it."""
    assert not held((truth("G2", "a.py"),), finding("G2", "a.py"), finding("H1", "s01.2", 20)).false
    assert held((truth("H1", "s01.2"),), finding("H1", "s01.2"), finding("G2", "a.py", 20)).false
    assert held((truth("G2", "a.py"),), finding("G2", "a.py"), finding("H1", "s01.2", 4)).false


def test_what_the_server_did_by_itself_is_true() -> None:
    """Of a kind and turn that the server's own record has; the same kind at another turn nobody did."""
    first, second = finding("A3", onset=6), finding("A3", onset=8)
    got = matched(Case("c", "fault", "f", 1, BASE, ()), (truth("A2", onset=9),), (finding("A2", onset=9), first, second), {("A3", 6), ("A2", 9)})
    assert [hit.error for hit in got.hits] == [0]
    assert got.false == (second,)
    assert not got.linked


def test_runs_are_alike_where_only_the_window_filled_elsewhere() -> None:
    """A summary two turns later with its loss two turns later is the same run; a loss that is not there, at another distance, or of another class at another turn, is another."""

    def run(full: int, *kinds: tuple[str, int]) -> tuple[tuple[str, str, int, int], ...]:
        placed = Stood(Truth("B1", "naming", when="summed"), full, full)
        return shape(held((placed,), *(finding(kind, "naming", turn) for kind, turn in kinds)))

    assert run(10, ("B1", 10), ("C1", 20)) == run(12, ("B1", 12), ("C1", 20))
    assert run(10, ("B1", 10)) != run(12, ("B1", 13))
    assert run(10, ("B1", 10), ("C1", 5)) != run(11, ("B1", 11), ("C1", 6))
    assert run(10, ("B1", 10)) != run(12)
    assert run(10, ("A2", 10)) == run(10, ("A2", 11)) != run(10)


def test_what_a_family_allows_is_not_false() -> None:
    """A look-alike that brings a kind of its own along says which."""
    got = held((), finding("C4", "naming"), finding("C1", "naming"), sort="alike", allowed=("C4",))
    assert [one.kind for one in got.false] == ["C1"]


def test_what_a_family_allows_beside_a_fault_comes_after_it() -> None:
    """What is told before the fault was there is nobody's doing."""
    got = held((truth("H4", "s01.2"),), finding("H4", "s01.2"), finding("H3", "s01.1", 4), finding("H3", "s01.3", 12), allowed=("H3",))
    assert [(one.kind, one.onset) for one in got.false] == [("H3", 4)]


def test_what_a_machine_found_and_a_summary_lost_is_not_counted() -> None:
    """Files and results go out of sight in any summary; an item that somebody stated does not."""
    got = held((), finding("B1", "file:a.py"), finding("B1", "naming"))
    assert [one.item for one in got.false] == ["naming"]
    assert not got.linked


def test_one_finding_answers_one_truth() -> None:
    """Two truths are not both found by one finding."""
    got = held((truth("G4", "a.py", 10), truth("G4", "b.py", 12)), msgspec.structs.replace(finding("G4", "a.py"), onset=11))
    assert [hit.found is None for hit in got.hits] == [False, True]


def test_a_fact_is_no_false_alarm_and_a_claim_made_of_it_is_one() -> None:
    """What a family lets be told as a fact is so as long as nobody calls it a loss."""
    fact = msgspec.structs.replace(finding("J1", ""), status=Status.UNDECIDED)
    case = Case("c", "alike", "f", 1, BASE, facts=("J1",))
    assert matched(case, (), (fact,)).false == ()
    claim = finding("J1", "")
    assert matched(case, (), (claim,)).false == (claim,)
