"""The folder, the command line, requests, jobs, reports, plugins."""

import io
import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from pawdesk import open_practice
from pawdesk.api import handle
from pawdesk.cli.main import main
from pawdesk.errors import BrokenChain, NotFound
from pawdesk.infra import clock, files, journal, mailer
from pawdesk.infra.database import db
from pawdesk.jobs import evening, morning
from pawdesk.plugins import hooks


def pawdesk(folder, *words):
    out = io.StringIO()
    code = main(["--folder", str(folder), "--clock", "2026-03-02T08:00:00", "--seed", "7", *words], out)
    return code, out.getvalue()


def test_the_command_line(tmp_path):
    assert pawdesk(tmp_path, "register", "Ada Moore", "--mail", "ada@example.org")[1].startswith("own-0001 Ada Moore ")
    assert pawdesk(tmp_path, "admit", "own-0001", "Bello", "dog", "--born", "2021-05-17") == (0, "ani-0001 Bello (4 years)\n")
    pawdesk(tmp_path, "hire", "Dr. Vane", "vet", "vane@paws.example")
    assert pawdesk(tmp_path, "book", "ani-0001", "sta-0001", "2026-03-02T09:00", "checkup")[1].startswith("app-0001 2026-03-02 09:00")
    assert "Bello" in pawdesk(tmp_path, "day")[1]
    assert pawdesk(tmp_path, "cancel", "app-0009") == (1, "pawdesk: no appointments 'app-0009'\n")
    assert pawdesk(tmp_path, "invoice", "own-0001") == (1, "pawdesk: nothing to charge Ada Moore\n")
    assert pawdesk(tmp_path, "verify")[1].startswith("4 entries, animals, appointments, migrations, owners, prices")


def test_requests_are_plain_data(practice, cast):
    found = handle(practice, {"do": "appointments.book", "by": "web", "with": {
        "animal_id": cast.bello.id, "vet_id": cast.vet.id, "start": "2026-03-02T09:00", "reason": "checkup"}})
    assert found["ok"] and found["result"]["end"] == "2026-03-02T09:15:00"
    assert handle(practice, {"do": "appointments.sweep"})["error"] == "unknown"
    assert handle(practice, {"do": "owners.get", "with": {"owner_id": "own-9"}})["error"] == "NotFound"
    assert journal.entries("request")[0]["facts"] == {"do": "appointments.book", "by": "web"}


def test_a_folder_is_opened_again(tmp_path):
    (tmp_path / "pawdesk.toml").write_text('practice_name = "Claws"\nclock = "2026-03-02T08:00:00"\nplugins = ["loyalty"]\n')
    with open_practice(tmp_path) as practice:
        owner = practice.owners.register("Ada Moore", "ada@example.org")
        assert practice.upgraded == ["m0001_prices", "m0002_channels", "m0003_references"]
        assert practice.plugins == ["loyalty"]
    with open_practice(tmp_path) as practice:
        assert practice.owners.get(owner.id) == owner
        assert practice.upgraded == []
        assert practice.verify() == 3
    (tmp_path / "journal.jsonl").write_text((tmp_path / "journal.jsonl").read_text().replace("Ada", "Eve"))
    with open_practice(tmp_path) as practice, pytest.raises(BrokenChain):
        practice.verify()


def test_mornings_and_evenings(practice, cast, shelf):
    practice.appointments.book(cast.bello.id, cast.vet.id, datetime(2026, 3, 2, 9, 0), "checkup")
    assert morning(practice) == {"offers": 0, "reminders": 0, "recalls": 2, "results": 0}
    clock.advance(hours=10)
    assert evening(practice) == {"missed": 1, "invoices": 1, "plans": 0, "dunning": 0}


def test_reports(practice, cast, shelf):
    practice.charges.add(cast.ada.id, cast.bello.id, "operation", "238.00", source="ope-0001")
    invoice = practice.invoices.make(cast.ada.id)
    practice.takings.cash(invoice.id, "100")
    month = practice.revenue.month()
    assert (month.invoiced, month.taken, month.open) == (Decimal("238.00"), Decimal("100.00"), Decimal("138.00"))
    assert practice.revenue.by_kind(date(2026, 3, 1), date(2026, 3, 31)) == {"operations": Decimal("238.00")}
    assert practice.stocklist.value() == Decimal("109.00")
    assert practice.exports.read(practice.exports.invoices()).splitlines()[1].startswith("2026-00001,2026-03-02,own-0001")
    assert files.names("exports/") == ["exports/invoices-2026-03.csv"]


def test_plugins_hear_what_happens():
    with open_practice(clock="2026-05-17T08:00:00", seed=1, plugins=["birthdays", "alarms"]) as practice:
        ada = practice.owners.register("Ada Moore", "ada@example.org")
        bello = practice.animals.admit(ada.id, "Bello", "dog", date(2021, 5, 17))
        heard = []
        hooks.subscribe("*", lambda event, **facts: heard.append(event))
        morning(practice)
        assert "Bello is 5" in [message["subject"] for message in mailer.outbox()]
        assert db().count("birthdays", key=f"{bello.id}/2026") == 1
        assert heard[-1] == "morning"
    with pytest.raises(NotFound):
        open_practice(plugins=["nothing"])


def test_requests_of_a_file(tmp_path):
    (tmp_path / "in.jsonl").write_text(json.dumps({"do": "owners.register", "with": {"name": "Ada", "mail": "a@b.c"}}) + "\n")
    code, text = pawdesk(tmp_path / "desk", "request", str(tmp_path / "in.jsonl"))
    assert code == 0
    assert json.loads(text)["result"]["id"] == "own-0001"
