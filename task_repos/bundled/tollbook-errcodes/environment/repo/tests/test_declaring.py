"""Declarations: built, sent, answered, shown."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from tollbook.api import Api
from tollbook.cli import main
from tollbook.consignments.reader import from_object
from tollbook.declarations.build import Desk, build
from tollbook.declarations.states import Declarations
from tollbook.errors import DeclarationError, GivenUp, RefusedConsignment, ReplyError
from tollbook.offices.directory import Directory, Office
from tollbook.offices.replies import read, take
from tollbook.offices.transmit import Transmitter, World
from tollbook.reports.summary import page
from tollbook.settings import Sending
from tollbook.store.spool import Spool, Waiting
from tollbook.wire import v2

NOON = datetime(2026, 5, 4, 12)


def test_declaration_is_built(desk: Desk, body: dict) -> None:
    declaration = build(from_object(body), "DE1", desk)
    assert str(declaration.assessment.sum) == "9.40 EUR"
    assert str(desk.ledger.free) == "990.60 EUR"
    assert "95030010 wooden train toys" in page(declaration)
    assert v2.write(declaration).splitlines()[-1] == "END=6"


def test_problems_refuse_a_consignment(desk: Desk, body: dict) -> None:
    with pytest.raises(RefusedConsignment, match="C1 has 2 problems, the first is TB-304"):
        build(from_object(body | {"goal": "FR", "invoice": "1.00 EUR"}), "DE1", desk)


def test_replies_move_a_declaration(desk: Desk, body: dict) -> None:
    lodged = build(from_object(body), "DE1", desk).become("lodged", NOON.date())
    refused = take(lodged, read("M1", "TB:2\nSTA=REF\nREF=DC1\nTXT=no\nEND=3\n"), NOON.date())
    assert refused.state == "refused"
    with pytest.raises(DeclarationError, match="is refused, it can not become released"):
        refused.become("released", NOON.date())
    with pytest.raises(ReplyError):
        read("M1", "TB:9 something longer")


class Deaf:
    """A line that nobody answers on."""

    def exchange(self, address: str, body: str, patience: float) -> tuple[str, float]:
        raise TimeoutError


def test_sending_is_given_up(tmp_path: Path) -> None:
    naps: list[float] = []
    directory = Directory((Office("DE1", "Hafen", "DE"),), {"DE1": "tcp://hafen"})
    transmitter = Transmitter(directory, Sending(), World(Deaf(), lambda: NOON, naps.append))
    with pytest.raises(GivenUp) as caught:
        transmitter.send("DE1", "M1", "text")
    assert (caught.value.code, naps) == ("TX-07", [2.0, 4.0])
    with Spool(tmp_path / "spool") as spool:
        spool.put(Waiting("M1", "DE1", "text", NOON))
        assert transmitter.drain(spool) == {}
        assert spool.get("M1").tries == 1


def test_shops_get_answers(desk: Desk, body: dict) -> None:
    api = Api(desk, Declarations(), "DE1")
    made = api.handle("POST", "/consignments", json.dumps(body).encode())
    assert (made.status, made.body) == (201, {"number": "DC1", "duty": "9.40 EUR"})
    assert api.handle("GET", "/declarations/DC1").body["state"] == "draft"
    missing = api.handle("GET", "/declarations/D7", language="de")
    assert (missing.status, missing.body["error"]) == (404, "TB-605")
    assert missing.body["message"] == "die Anmeldung D7 gibt es hier nicht"


def test_clerks_see_problems(tmp_path: Path, body: dict, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "some.json"
    file.write_text(json.dumps([body | {"goal": "FR"}]))
    assert main(["check", str(file)]) == 65
    assert capsys.readouterr().out == "C1\nerror   TB-306  consignment C1: sender and receiver are both in EU\n"
    assert main(["check", str(tmp_path / "none.json")]) == 2
    assert main(["fly", "--language", "de"]) == 2
    assert capsys.readouterr().err.endswith("tollbook: TB-101: unbekannter Befehl 'fly'\n")
