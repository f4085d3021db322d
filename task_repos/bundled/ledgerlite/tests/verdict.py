"""Prints 1 when every graded test is reported exactly once and passed, else 0: verdict.py IDS REPORT."""

import json
import sys
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

BAD = {"failure", "error", "skipped"}


def outcomes(report: Path) -> dict[str, list[bool]]:
    """Whether each report of a test, by its node id, was a pass; empty for a report that cannot be read."""
    found: dict[str, list[bool]] = defaultdict(list)
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return found
    for case in cases:
        # Graded tests are functions of modules, so that the class name of a case is its file with dots.
        file = case.get("classname", "").replace(".", "/") + ".py"
        found[f"{file}::{case.get('name')}"].append(not BAD & {child.tag for child in case})
    return found


def main(ids: Path, report: Path) -> int:
    """1 or 0."""
    wanted = json.loads(ids.read_text(encoding="utf-8"))
    seen = outcomes(report)
    return int(all(seen.get(each) == [True] for each in wanted["fail_to_pass"] + wanted["pass_to_pass"]))


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), Path(sys.argv[2])))
