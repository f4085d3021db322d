"""Runs are equal when only clocks, durations, machine readings and ids differ, and never when work differs."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from harness.core.blob import Blob
from harness.core.chat import Origin, ReplyStop, Role, Timing, ToolOutput, Usage
from harness.core.events import (
    Digests,
    Entry,
    Event,
    GradeRan,
    ModelReplied,
    PartAdded,
    PatchTaken,
    ResourcesSeen,
    SandboxOpened,
    SlotWaited,
    ToolReturned,
    Trace,
    TrialInterrupted,
    TrialStarted,
)
from harness.core.machine import Confinement, Ended, Resources, SandboxFacts
from harness.core.task import Brief, ImageTag, Place, Provenance, Request, TaskSpec, TestIds
from harness.core.trial import TestResult, TrialKey
from harness.metrics.equality import Side, differences, plain_events, timeless
from harness.metrics.row import row

TASK = TaskSpec(
    "t", "sha256:t", Brief((Request("r1", "Mend it."),)), Place(ImageTag("image")), TestIds("true", "junit", ("a",), ()), Provenance("test")
)
STORE: dict[str, bytes] = {}


def blob(data: bytes) -> Blob:
    name = hashlib.sha256(data).hexdigest()
    STORE[name] = data
    return Blob(name, len(data))


def opened(container: str) -> SandboxOpened:
    proof = Confinement("full", 1000, "0", no_new_privs=True, seccomp=2, routes=0, mounts=(), network="none", privileged=False, cap_add=(), cap_drop=("ALL",))
    return SandboxOpened("agent", SandboxFacts(container, "sha256:i", "sha256:s", "20", "/bin/sh", proof, 2.0, 1, 512))


def lived(run: str, container: str, seconds: float, *, number: int = 1) -> list[Event]:
    """One try; everything that its arguments tell is what an equal run may have its own of."""
    output = f"1 passed in {seconds:.2f}s on {container[:12]}\n".encode()
    return [
        TrialStarted(TrialKey(run, "t", "coder", "scripted/m", "", 1), number, None, 7, Digests("a", "b", "c", "d"), "{}", "host"),
        opened(container),
        ModelReplied("a1", ("a1.1",), ReplyStop.TOOL, "tool", Usage(10, None, None, 3), Timing(seconds), None, 0, 0, (), (), "", None, blob(b"words")),
        ToolReturned("c1", True, 0, Ended.EXITED, seconds, len(output), len(output), blob(output)),
        PartAdded("m2.1", Role.TOOL, Origin.TOOL, ToolOutput("c1", "shell", output.decode(), True)),
        ResourcesSeen(Resources(memory_peak=int(1e6 * seconds), memory_limit=4, memory_kills=0, throttled_s=seconds, host_load=seconds)),
        PatchTaken("sha256:i", (), ("calc.py",), (), (), (), blob(b"patch in 0.01s")),
    ]


def side(*events: Event) -> Side:
    trace: Trace = tuple(Entry(number, number / 3, event) for number, event in enumerate(events, 1))
    key = TrialKey("whatever", "t", "coder", "scripted/m", "", 1)
    return Side((row("t0001", key, TASK, trace),), {"t0001": trace}, lambda name: STORE[name.sha256])


ONE = lived("r1", "a" * 64, 0.01)


def test_equal_runs_have_no_differences() -> None:
    """Other clocks, containers, run ids, an earlier try and a wait for a place are no difference."""
    other = lived("r2", "b" * 64, 12.5, number=2)
    cut = [*lived("r2", "c" * 64, 3.0)[:2], TrialInterrupted("killed")]
    assert differences(side(*ONE), side(*cut, *other[:2], SlotWaited(2.0), *other[2:])) == ()


@pytest.mark.parametrize(
    ("index", "change", "place"),
    [
        (0, {"seed": 8}, "seed"),
        (2, {"usage": Usage(11, None, None, 3)}, "usage"),
        (2, {"bytes": blob(b"other words")}, "bytes"),
        (3, {"exit_code": 1}, "exit_code"),
        (3, {"blob": blob(b"2 passed in 0.01s\n")}, "blob"),
        (4, {"content": ToolOutput("c1", "shell", "2 passed in 0.01s\n", True)}, "content.text"),
        (5, {"resources": Resources(memory_kills=1)}, "memory_kills"),
        (6, {"blob": blob(b"patch in 0.02s")}, "blob"),
        (6, {"changed": ("other.py",)}, "changed"),
    ],
)
def test_other_work_is_a_difference(index: int, change: dict[str, object], place: str) -> None:
    """Whatever an agent, a model or a test said or did parts two runs; a patch does so even where only a number of seconds in it differs."""
    events = list(ONE)
    events[index] = msgspec.structs.replace(events[index], **change)
    found = differences(side(*ONE), side(*events))
    assert found
    assert any(place in sentence for sentence in found)


def test_a_missing_event_and_a_missing_trial_are_differences() -> None:
    """Neither is passed over for want of something to compare it with."""
    assert any("events" in sentence for sentence in differences(side(*ONE), side(*ONE[:-1])))
    nobody = Side((), {}, lambda _: b"")
    assert differences(side(*ONE), nobody)
    assert differences(nobody, side(*ONE))


def test_reports_lose_their_clocks_only() -> None:
    """JUnit attributes of time and place go, and addresses in memory; names and counts stay."""
    text = b'<testsuite tests="2" time="0.123" timestamp="2026-01-01T00:00:00" hostname="box">it = <list at 0x7f71e1e296f0><testcase name="runs in 5 steps" time="0.1"/>'
    assert timeless(text) == (
        b'<testsuite tests="2" time="<duration>" timestamp="<when or where>" hostname="<when or where>">it = <list at <address>>'
        b'<testcase name="runs in 5 steps" time="<duration>"/>'
    )


def graded(pair: tuple[str, str], became: tuple[str, str], *, own: str = "passed") -> GradeRan:
    """A reading with a pair of tests of its own, whose names stand in its log."""
    results = tuple(sorted((TestResult(pair[0], became[0]), TestResult(pair[1], became[1]), TestResult("b::own", own)), key=lambda each: each.id))  # type: ignore[arg-type]
    return GradeRan("read", "fresh", True, 1, Ended.EXITED, 0.1, results, log=blob(str(results).encode()), canary=pair)


def test_a_pair_drawn_anew_is_no_difference_but_what_became_of_it_is() -> None:
    """Names, places and logs of the pair are chance; its outcomes and those of the task's own tests are the work."""
    one = plain_events(told(graded(("a::x", "c::y"), ("passed", "failed"))), held)
    assert one == plain_events(told(graded(("d::p", "a::q"), ("passed", "failed"))), held)
    assert one != plain_events(told(graded(("d::p", "a::q"), ("passed", "passed"))), held)
    assert one != plain_events(told(graded(("d::p", "a::q"), ("passed", "failed"), own="failed")), held)


def held(name: Blob) -> bytes:
    return STORE[name.sha256]


def told(event: Event) -> Trace:
    return (Entry(1, 0.0, lived("one", "c" * 64, 1.0)[0]), Entry(2, 0.0, event))
