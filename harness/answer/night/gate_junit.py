"""A gate as JUnit XML, in the shape of Jenkins' junit-10 schema: one suite, a testcase for each side and for each new failure."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from harness.answer.night import gate_words as say
from harness.answer.night.gate import Gate, headline
from harness.answer.night.judging import Judged, TaskThen
from harness.report.characters import visible

SUITE = "gate"


def junit(told: Gate) -> bytes:
    """A side that regressed is a failure and an undecided one an error. A new failure fails where its side regressed; on a night that is
    not red it is skipped with its figures: chance alone makes some, and a reader who counts failures must count what the gate does.
    """
    cases = [case for side in told.sides for case in _cases(told, side)]
    counts = {"tests": len(cases), **{name: sum(case.find(tag) is not None for case in cases) for name, tag in (("failures", "failure"), ("errors", "error"))}}
    words = {name: str(count) for name, count in counts.items()}
    root = ET.Element("testsuites", {"name": visible(headline(told)), **words})
    skipped = {"skipped": str(sum(case.find("skipped") is not None for case in cases))}
    suite = ET.SubElement(root, "testsuite", {"name": SUITE, **words, **skipped, **({"timestamp": visible(stamp)} if (stamp := told.created[:19]) else {})})
    properties = ET.SubElement(suite, "properties")
    for name, value in _facts(told):
        ET.SubElement(properties, "property", {"name": name, "value": visible(value)})
    suite.extend(cases)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _facts(told: Gate) -> Iterator[tuple[str, str]]:
    yield from (("word", told.word), ("run", told.run), ("max_drop", f"{told.max_drop:g}"), ("strict", str(told.strict).lower()))
    yield from (("baseline", told.baseline.digest), ("baseline_runs", ", ".join(told.baseline.runs)))
    yield from (("accepted", say.accepted(each)) for each in told.accepted)
    yield from (("note", words) for words in told.told)


def _cases(told: Gate, side: Judged) -> Iterator[ET.Element]:
    case = _case(f"{say.word(side)}: {say.name(side.who)}", SUITE)
    tag = {"regressed": "failure", "undecided": "error"}.get(side.word) if not side.control else None
    if tag:
        end = ET.SubElement(case, tag, {"type": side.word, "message": visible(side.reasons[0])})
        end.text = visible("\n".join(side.reasons))
    _out(case, [f"{name}: {value}" for name, value in _figures(side)] + list(side.reasons))
    yield case
    for each in side.new_failures if not side.control else ():
        yield _new(told, side, each)


def _new(told: Gate, side: Judged, each: TaskThen) -> ET.Element:
    case = _case(f"new failure: {each.task}", f"{SUITE} {say.name(side.who)}")
    message = f"{say.share(each.now)} tonight, {say.share(each.then)} in the baseline"
    if side.word == "regressed":
        ET.SubElement(case, "failure", {"type": "new failure", "message": message})
    else:
        ET.SubElement(case, "skipped", {"type": "new failure", "message": f"{message}; the night is {side.word}"})
    _out(case, [f"{trial.trial} {trial.reason}: longhaul show {told.run} {trial.trial}{f'  # {trial.evidence}' if trial.evidence else ''}" for trial in each.trials])
    return case


def _figures(side: Judged) -> Iterator[tuple[str, str]]:
    seen = side.changes["seen"]
    yield from (("word", say.word(side)), ("then", say.rate(side.then)), ("now", say.rate(side.now)), ("change", say.fell(seen)), ("change_95", say.bounds(seen)))
    yield from (("p", say.p(side.p_holm)), ("tasks", str(side.tasks)), ("trials", say.spelled(side.now.counts)))
    for case in ("best", "worst"):
        yield f"change_at_{case}", say.fell(side.changes[case])
    if side.flaky:
        yield "flaky", ", ".join(f"{each.task} {say.share(each.both)}" for each in side.flaky)


def _case(name: str, place: str) -> ET.Element:
    # A dot in a class name begins a package: "qwen3.6:27b" must not become one.
    return ET.Element("testcase", {"name": visible(name), "classname": visible(place).replace(".", "_")})


def _out(case: ET.Element, lines: list[str]) -> None:
    ET.SubElement(case, "system-out").text = visible("\n".join(lines))
