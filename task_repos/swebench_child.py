"""Run as a process of its own: the official verdict on one log, by the package swebench. A request comes in, and a report goes out, as JSON."""

from __future__ import annotations

import importlib.util
import json
import sys
import types
from importlib.metadata import version
from typing import Any

READY = "ready\n"


def main() -> int:
    """Read {row, log} from stdin; write READY once the package is loaded, then {report, statuses, version} or {problem}.

    A parser that raises ends the process: after READY that is about the log, which untrusted code wrote.
    """
    asked, package = json.load(sys.stdin), load()
    sys.stdout.write(READY)
    sys.stdout.flush()
    json.dump(answer(asked, *package), sys.stdout)
    return 0


def answer(asked: dict[str, Any], grading: Any, parsers: Any, test_spec: Any) -> dict[str, Any]:
    """The report of the one instance, and each test's status as the log has it."""
    row = asked["row"]
    if row["log_parser"] not in parsers:
        known = ", ".join(sorted(parsers))
        return {"problem": {"field": "log_parser", "found": row["log_parser"], "expected": f"one of {known}"}}
    spec = make(test_spec, row)
    # The package asks only whether there is a patch, not what it is; an empty one is graded like any other.
    prediction = {"instance_id": spec.instance_id, "model_name_or_path": "longhaul", "model_patch": "graded by files"}
    report = grading.get_eval_report(spec, prediction, asked["log"], include_tests_status=True)[spec.instance_id]
    return {"report": report, "statuses": statuses(grading, parsers, spec, asked["log"]), "version": version("swebench")}


def make(test_spec: Any, row: dict[str, Any]) -> Any:
    """The package's own type. Its maker would bring the whole of `datasets` along and edit the script, which has run already."""
    return test_spec(
        instance_id=row["instance_id"], image=row["image"], eval_script_list=[], repo=row["repo"],
        version=row["version"], FAIL_TO_PASS=list(row["FAIL_TO_PASS"]), PASS_TO_PASS=list(row["PASS_TO_PASS"]),
        log_parser=row["log_parser"], eval_type=row["eval_type"],
    )  # fmt: skip


def statuses(grading: Any, parsers: Any, spec: Any, log: str) -> dict[str, str]:
    """{test: status} of the part between the markers."""
    with open(log, encoding="utf-8") as file:  # noqa: PTH123
        text = file.read()
    between = text.split(grading.START_TEST_OUTPUT)[1].split(grading.END_TEST_OUTPUT)[0]
    return {str(name): str(status) for name, status in parsers[spec.log_parser](between, spec).items()}


def load() -> tuple[Any, Any, Any]:
    """Grading, parsers and TestSpec. The package's front door imports clients of clouds and hubs for a second; grading needs none."""
    found = importlib.util.find_spec("swebench")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("the package swebench is not installed")
    room = types.ModuleType("swebench.harness")
    room.__path__ = [f"{found.submodule_search_locations[0]}/harness"]
    sys.modules["swebench.harness"] = room
    try:
        return modules()
    except (ImportError, AttributeError):
        # Another layout than that of 5.0: the front door, then.
        for name in [name for name in sys.modules if name.startswith("swebench.harness")]:
            del sys.modules[name]
        return modules()


def modules() -> tuple[Any, Any, Any]:
    """What the five promises rest on: markers, TestSpec, get_eval_report, PARSER_REGISTRY, and the row's fields in TestSpec."""
    grading = importlib.import_module("swebench.harness.grading")
    parsers = importlib.import_module("swebench.harness.log_parsers").PARSER_REGISTRY
    return grading, parsers, importlib.import_module("swebench.types").TestSpec


if __name__ == "__main__":
    sys.exit(main())
