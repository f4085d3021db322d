"""Prints 1 when every graded test is reported exactly once and passed, else 0: verdict.py IDS REPORT."""

import json
import sys
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

BAD = {"failure", "error", "skipped"}


def as_case(name: str) -> tuple[str, str]:
    """A node id as the report writes it: folders, file and classes are one dotted name."""
    head, bracket, parameters = name.partition("[")
    path, *rest = head.split("::")
    return ".".join([path.removesuffix(".py").replace("/", "."), *rest[:-1]]), rest[-1] + bracket + parameters


def outcomes(report: Path) -> dict[tuple[str, str], list[bool]]:
    """Whether each report of a test was a pass; empty for a report that cannot be read."""
    found: dict[tuple[str, str], list[bool]] = defaultdict(list)
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return found
    for case in cases:
        key = (case.get("classname", ""), case.get("name", ""))
        found[key].append(not BAD & {child.tag for child in case})
    return found


def main(ids: Path, report: Path) -> int:
    """1 or 0."""
    wanted = json.loads(ids.read_text(encoding="utf-8"))
    seen = outcomes(report)
    return int(all(seen.get(as_case(each)) == [True] for each in wanted["fail_to_pass"] + wanted["pass_to_pass"]))


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[2])))
