"""What users have always read: texts, numbers, exit statuses, statuses and log lines, word for word."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import scenes
import shop
from source_tree import RECORDED

from tollbook.api import Api, status_of
from tollbook.cli import exit_status, main
from tollbook.consignments.problems import Problem
from tollbook.declarations.states import Declarations

SEEN = ("class", "text", "code", "label", "message", "exit", "status")


def told(error: Any) -> dict[str, Any]:
    values = (type(error).__name__, str(error), error.code, error.label, error.message, exit_status(error), status_of(error))
    return dict(zip(SEEN, values, strict=True))


@pytest.mark.parametrize("area", sorted(scenes.AREAS))
def test_errors_say_what_they_said(area: str) -> None:
    """Class, text, number, exit status and status of every scene are the recorded ones."""
    recorded = {name: {key: each[key] for key in SEEN} for name, each in RECORDED["scenes"][area].items()}
    assert {name: told(error) for name, error in scenes.errors(area)} == recorded


def test_plain_errors_say_what_they_said() -> None:
    """Errors that had no number print their text alone, and end as before."""
    recorded = {name: (each["text"], each["exit"], each["status"]) for name, each in RECORDED["scenes"]["plain"].items()}
    assert {name: (str(error), exit_status(error), status_of(error)) for name, error in scenes.errors("plain")} == recorded


def test_problems_say_what_they_said() -> None:
    """Numbers, texts, goods lines and severities of problems, in their order."""
    recorded = [each[:4] for each in RECORDED["problems"]]
    assert [[each.number, each.text, each.line, each.severity] for each in scenes.problems()] == recorded
    assert scenes.problems()[0] == Problem(302, "consignment K12: 4 goods lines, at most 3 are allowed")
    assert scenes.problems()[0].message == "consignment K12: 4 goods lines, at most 3 are allowed"


def test_the_log_says_what_it_said(caplog: pytest.LogCaptureFixture) -> None:
    """Loggers, levels and lines."""
    with caplog.at_level(logging.DEBUG, logger="tollbook"):
        scenes.logged()
    assert [[each.name, each.levelname, each.getMessage()] for each in caplog.records] == RECORDED["log"]


def test_commands_end_as_they_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit statuses of commands, and what they print."""
    file = tmp_path / "k.json"
    file.write_text(json.dumps([shop.body(invoice="1.00 EUR")]))
    (tmp_path / "odd.json").write_text(json.dumps([shop.body(invoice="1")]))
    book = tmp_path / "book.csv"
    book.write_text(shop.BOOK)
    assert main(["check", str(file), "--language", "de"]) == 65
    assert capsys.readouterr().out == "K12\nerror   TB-304  die Rechnung sagt 1.00, die Warenzeilen ergeben 300.00\n"
    assert main(["check", str(tmp_path / "odd.json")]) == 70
    assert capsys.readouterr().err == "tollbook: not an amount: '1'\n"
    assert main(["classify", str(book), "anchor", "--year", "2026", "--language", "fr"]) == 65
    assert capsys.readouterr().err == "tollbook: TB-210: aucun tarif pour 'anchor' (ligne 1)\n"
    assert main(["classify", str(book), "--year", "next"]) == 70
    assert main(["eori"]) == 2
    assert main(["sail", "--settings", str(tmp_path / "no.ini")]) == 2


def test_requests_are_answered_as_they_were() -> None:
    """Statuses and texts of the interface."""
    api = Api(shop.desk(), Declarations(), "NO1")
    cases = [
        ("POST", "/consignments", json.dumps(shop.body(sender="who")).encode(), "de", (404, "TB-501", "der Händler 'who' ist nicht angemeldet")),
        ("POST", "/consignments", json.dumps(shop.body(receiver="iron")).encode(), "fr", (451, "TB-505", "'Volkov Iron Works' matches the sanctions list (UN, entry 44)")),
        ("GET", "/declarations/D4", b"", "fr", (404, "TB-605", "la déclaration D4 n'est pas ici")),
        ("DELETE", "/declarations/D4", b"", "en", (405, "TB-120", "no such route: DELETE declarations/D4")),
    ]
    found = [api.handle(method, path, body, language) for method, path, body, language, _ in cases]
    assert [(each.status, each.body["error"], each.body["message"]) for each in found] == [case[4] for case in cases]
    assert api.handle("POST", "/consignments", json.dumps(shop.body(invoice="free")).encode()).status == 500
