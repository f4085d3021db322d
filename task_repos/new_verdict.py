"""Prints 1 when every graded test passed, else 0: a made task carries a copy for Harbor itself, run by the image's own Python."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET


def as_case(ident: str) -> tuple[str, str]:
    """A node id as pytest writes it into classname and name."""
    head, bracket, parameters = ident.partition("[")
    path, *rest = head.split("::")
    dotted = path.removesuffix(".py")
    return ".".join([dotted.replace("/", "."), *rest[:-1]]), (rest[-1] if rest else "") + bracket + parameters


def passed(report: str) -> set[tuple[str, str]]:
    """Every case of the report that neither failed nor was skipped; empty when there is no readable report."""
    try:
        cases = list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - the task's own container
    except (OSError, ET.ParseError):
        return set()
    bad = ("failure", "error", "skipped")
    return {(case.get("classname", ""), case.get("name", "")) for case in cases if all(case.find(word) is None for word in bad)}


def main(ids: str, report: str) -> int:
    with open(ids, encoding="utf-8") as handle:  # noqa: PTH123 - one file, read by any Python 3
        wanted = [one for kind in json.load(handle).values() for one in kind]
    found = passed(report)
    return int(all(as_case(one) in found for one in wanted))


if __name__ == "__main__":
    sys.stdout.write(f"{main(sys.argv[1], sys.argv[2])}\n")
