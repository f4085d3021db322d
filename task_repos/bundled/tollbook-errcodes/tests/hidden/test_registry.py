"""What the registry holds and how errors, problems and the command line know of it."""

from __future__ import annotations

from string import Formatter
from typing import Any

import pytest
import scenes
from source_tree import RECORDED

from tollbook import errors
from tollbook.api import status_of
from tollbook.cli import exit_status, main
from tollbook.consignments.problems import Problem


def registry() -> Any:
    from tollbook import registry

    return registry


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_entries_are_those_of_the_program() -> None:
    """Codes, severities, exit statuses, statuses, releases and templates."""
    found = {}
    for each in registry().ENTRIES:
        message = "".join(text + (f"{{{name}}}" if name else "") for text, name, _, _ in Formatter().parse(each.template))
        found[each.code] = {"severity": each.severity, "exit": each.exit_status, "status": each.status, "since": each.since, "message": message}
    assert found == RECORDED["entries"]


def test_entries_are_found_and_filled() -> None:
    """`entry`, `render` and `line`; fields that are missing or too many are refused."""
    found = registry()
    assert found.entry("TB-106").template == "file {path} not found"
    assert found.render("TB-222", number="N1", day="today", days=3) == "proof N1 ended on today, 3 days before the declaration"
    assert found.render("TB-231", line=2, net=1.23456, gross=1) == "goods line 2: net weight 1.235 kg is above gross weight 1.000 kg"
    assert found.line("W12", office="B", seconds=7.04) == "W12 office B was slow: 7.0 s"
    with pytest.raises(KeyError):
        found.entry("TB-214")
    with pytest.raises(KeyError):
        found.render("TB-999", path="x")
    with pytest.raises(TypeError):
        found.render("TB-106")
    with pytest.raises(TypeError):
        found.render("TB-106", path="x", day="y")


@pytest.mark.parametrize("area", [*sorted(scenes.AREAS), "plain"])
def test_errors_know_their_entries(area: str) -> None:
    """`entry` and `fields` of every scene; the fields give the message again."""
    if area == "surface":
        area_errors = [(name, error) for name, error in scenes.errors(area) if name != "settings file"]
    else:
        area_errors = list(scenes.errors(area))
    for name, error in area_errors:
        entry = error.entry
        assert entry == registry().entry(error.label), name
        assert set(error.fields) == names(entry.template)
        assert registry().render(entry.code, **error.fields) == error.message
        assert (exit_status(error), status_of(error)) == (entry.exit_status, entry.status)


def test_problems_know_their_entries() -> None:
    """Problems have `entry` and `fields` too."""
    found = scenes.problems()
    assert [each.entry.code for each in found[:3]] == ["TB-302", "TB-304", "TB-306"]
    assert [registry().render(each.entry.code, **each.fields) for each in found] == [each.text for each in found]
    assert Problem(303, "by hand", 4).entry.severity == "warning"


def test_every_code_ends_as_the_registry_says() -> None:
    """Exit status and status of errors made by hand with any number."""
    for each in registry().ENTRIES:
        if each.code.startswith("TB-"):
            error = errors.TollbookError("by hand", int(each.code[3:]))
        elif each.code.startswith("TX-"):
            error = errors.TransmissionError("by hand", each.code)
        elif each.code.startswith("SP"):
            error = errors.SpoolError("by hand", int(each.code[2:]))
        else:
            continue
        assert (error.entry, exit_status(error), status_of(error)) == (each, each.exit_status, each.status)


def test_codes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """`tollbook codes` prints the table."""
    assert main(["codes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| Code | Severity | Exit | Status | Since | Message |"
    assert len(lines) == 2 + len(RECORDED["entries"]) + len(RECORDED["reserved"])
    assert lines[7] == "| TB-105 | reserved | - | - | - | - |"
    assert lines[-1] == "| W41 | reserved | - | - | - | - |"
