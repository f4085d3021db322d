"""Section 6: what plugins of others find where they look for it."""

from __future__ import annotations

import importlib
import sqlite3
import subprocess
import sys
import warnings
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import source_tree

import pawdesk
from pawdesk.errors import NotOpen

NAMES = {
    "infra.clock": ("now", "today", "set_clock", "advance"),
    "infra.chance": ("token", "pick", "reseed"),
    "infra.config": ("Settings", "setting", "current"),
    "infra.database": ("Database", "db"),
    "infra.mailer": ("MailSpool", "send", "outbox"),
    "infra.texts": ("TextSpool", "send", "sent"),
    "infra.payments": ("CardTerminal", "terminal"),
    "infra.printer": ("PrintSpool", "print_page", "printed"),
    "infra.journal": ("Journal", "write", "entries", "verify"),
    "infra.files": ("FileStore", "put", "get", "names"),
    "infra.exchange": ("LabFolder", "drop", "collect"),
    "services": ("service", "names"),
    "plugins.hooks": ("subscribe", "unsubscribe", "emit"),
}
OLD_STYLE = """
from pawdesk.infra import clock, journal
from pawdesk.infra.database import db
from pawdesk.plugins import hooks
from pawdesk.services import service


def heard(owner):
    name = service("owners").get(owner).name
    db().insert("guests", {"name": name, "at": clock.now().isoformat()})
    journal.write("guest", name=name)


def activate():
    hooks.subscribe("owner.registered", heard)
"""
NEW_STYLE = """
def activate(desk):
    desk.store.insert("guests", {"name": "new style"})
    desk.events.subscribe("evening", lambda day: desk.journal.write("night", day=day))
"""


@pytest.fixture(autouse=True)
def quiet() -> Any:
    """Deprecated names are what this file is about."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def old(name: str) -> ModuleType:
    return importlib.import_module(f"pawdesk.{name}")


def opened(**changes: Any) -> Any:
    return pawdesk.open_practice(**{"clock": "2026-03-02T08:00:00", "seed": 3, **changes})


def looked_up(module: str, name: str) -> list[warnings.WarningMessage]:
    """The warnings of a plugin that imports a name on its third line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(compile(f"\n\nfrom pawdesk.{module} import {name}\n", "somebodys_plugin.py", "exec"), {})
    return caught


@pytest.mark.parametrize("module", sorted(NAMES))
def test_old_names_warn_where_they_are_looked_up(module: str) -> None:
    """Exactly one warning per name, for the line of the plugin, with the dotted path."""
    for name in NAMES[module]:
        caught = looked_up(module, name)
        assert [(each.category, each.filename, each.lineno) for each in caught] == [(DeprecationWarning, "somebodys_plugin.py", 3)]
        assert f"pawdesk.{module}.{name}" in str(caught[0].message)
        with warnings.catch_warnings(record=True) as again:
            warnings.simplefilter("always")
            getattr(old(module), name)
        assert [each.filename for each in again] == [__file__]


def test_what_was_never_there_is_not_found() -> None:
    with opened(), pytest.raises(AttributeError):
        old("infra.clock").tomorrow  # noqa: B018
    with pytest.raises(ImportError):
        importlib.import_module("pawdesk.infra.weather")


def test_old_names_act_on_the_practice_opened_last() -> None:
    """And on the one before when that is closed; on none when none is open."""
    clock, db = old("infra.clock"), old("infra.database")
    with opened() as first:
        with opened(clock="2031-07-01T10:00:00") as second:
            assert clock.now() == datetime(2031, 7, 1, 10, 0)
            clock.advance(minutes=30)
            assert second.now() == datetime(2031, 7, 1, 10, 30)
            assert db.db() is second.store
        assert clock.today() == date(2026, 3, 2)
        third = opened(currency="CHF")
        assert old("infra.config").setting("currency") == "CHF"
        first.owners.register("Ada Moore", "ada@example.org")
        third.close()
        assert [each["to"] for each in old("infra.mailer").outbox()] == ["ada@example.org"]
        assert old("services").service("owners") is first.owners
        assert len(old("services").names()) == 34
    with pytest.raises(NotOpen):
        db.db()
    with pytest.raises(NotOpen):
        old("infra.journal").entries()


def test_old_functions_do_what_they_did() -> None:
    """One call of each kind, seen through the practice."""
    with opened() as practice:
        old("infra.mailer").send("x@example.org", "s", "b", ["f"])
        old("infra.texts").send("020 1", "hello")
        old("infra.printer").print_page("labels", "T", ["l"])
        old("infra.journal").write("visited", who="me")
        old("infra.files").put("a/b", b"1")
        old("infra.exchange").drop("k.txt", "ORD")
        receipt = old("infra.payments").terminal().charge(5, "4111222233334444", "ref")
        assert practice.mail.outbox()[0]["attachments"] == ["f"]
        assert practice.texts.sent() == [{"to": "+0201", "text": "hello"}]
        assert old("infra.printer").printed("labels") == ["T\n\nl\n"]
        assert practice.journal.entries("visited")[0]["facts"] == {"who": "me"}
        assert (old("infra.files").names("a/"), old("infra.files").get("a/b")) == (["a/b"], b"1")
        assert receipt == "R00001"
        assert old("infra.journal").verify() == practice.verify() == 1
        old("infra.clock").set_clock(datetime(2027, 1, 1, 12, 0))
        assert practice.owners.register("Ada Moore", "ada@example.org").since == date(2027, 1, 1)
        old("infra.chance").reseed(3)
        tokens = [practice.chance.token(6), old("infra.chance").token(6)]
        old("infra.chance").reseed(3)
        assert [old("infra.chance").token(6), practice.chance.token(6)] == tokens
        old("infra.clock").set_clock(None)
        with pytest.raises(RuntimeError):
            old("infra.clock").advance(days=1)


def test_hooks_belong_to_the_practice() -> None:
    heard: list[str] = []
    hooks = old("plugins.hooks")
    with opened() as practice:
        hooks.subscribe("owner.registered", lambda owner: heard.append(owner))
        practice.owners.register("Ada Moore", "ada@example.org")
        hooks.emit("owner.registered", owner="somebody")
    with opened() as practice:
        practice.owners.register("Bob Field", "bob@example.org")
    assert heard == ["own-0001", "somebody"]


def test_plugins_of_both_kinds_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "guests_old.py").write_text(OLD_STYLE)
    (tmp_path / "guests_new.py").write_text(NEW_STYLE)
    (tmp_path / "many.py").write_text("from guests_old import *\n")
    monkeypatch.syspath_prepend(tmp_path)
    folder = ModuleType("guests")
    folder.__path__ = [str(tmp_path)]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "guests", folder)
    with opened(plugins=["guests.guests_old", "guests.guests_new"]) as practice, opened() as other:
        assert practice.plugins == ["guests.guests_old", "guests.guests_new"]
        other.close()
        practice.owners.register("Ada Moore", "ada@example.org")
        assert [each["name"] for each in practice.store.find("guests")] == ["new style", "Ada Moore"]
        pawdesk_jobs = importlib.import_module("pawdesk.jobs")
        pawdesk_jobs.evening(practice)
        assert practice.journal.entries("night")[0]["facts"] == {"day": "2026-03-02"}
        assert other.store is not practice.store


def test_bundled_plugins_serve_several_practices() -> None:
    """Each with its own alarms, points and cards."""
    plugins = ("alarms", "loyalty", "birthdays")
    with opened(plugins=plugins) as one, opened(plugins=plugins) as two:
        for practice in (one, two):
            practice.store.insert("on_call", {"phone": "020 7", "since": "2026-03-02T08:00:00"})
            practice.owners.register("Ada Moore", "ada@example.org")
            practice.animals.admit("own-0001", "Bello", "dog", date(2020, 3, 2))
            practice.events.emit("lab.alarm", order="lab-0001")
            practice.events.emit("lab.alarm", order="lab-0001")
        assert [len(practice.texts.sent()) for practice in (one, two)] == [1, 1]
        one.charges.add("own-0001", "ani-0001", "operation", "150.00")
        one.takings.cash(one.invoices.make("own-0001").id, "150")
        assert (one.store.count("points"), two.store.count("points")) == (2, 0)
        assert one.mail.outbox()[-1]["subject"] == "A voucher for you"
        two.events.emit("morning", day=date(2026, 3, 2))
        assert two.mail.outbox()[-1]["subject"] == "Bello is 6"


def aged(folder: Path) -> Path:
    """A folder as the first release left it: an owner without a channel, an invoice without a reference."""
    folder.mkdir()
    with opened(folder=folder) as practice:
        practice.owners.register("Ada Moore", "ada@example.org")
    link = sqlite3.connect(folder / "pawdesk.db")
    link.execute("delete from documents where collection = 'migrations'")
    link.execute("update documents set body = '{\"id\": \"own-0001\", \"name\": \"Ada\", \"mail\": \"a@b.c\", \"active\": true}'"
                 " where collection = 'owners'")
    link.execute("insert into documents values ('invoices', 'inv-0001', '{\"id\": \"inv-0001\", \"reference\": \"\"}')")
    link.commit()
    link.close()
    return folder


def test_migrations_act_on_the_practice_that_is_being_opened(tmp_path: Path) -> None:
    with opened() as other:
        with opened(folder=aged(tmp_path / "paws"), clock="2029-01-01T00:00:00") as practice:
            assert practice.upgraded == ["m0001_prices", "m0002_channels", "m0003_references"]
            assert practice.store.get("owners", "own-0001")["channel"] == "mail"
            invoice = practice.store.get("invoices", "inv-0001")
            assert (len(invoice["reference"]), invoice["referenced"]) == (8, "2029-01-01T00:00:00")
        assert other.store.find("owners") == []
        assert other.journal.entries("migrated") == []


def test_users_see_no_warning(tmp_path: Path) -> None:
    """A command with plugins over an old folder, every deprecation an error."""
    folder = aged(tmp_path / "paws")
    (folder / "pawdesk.toml").write_text('plugins = ["loyalty", "birthdays", "alarms"]\n')
    command = [sys.executable, "-W", "error::DeprecationWarning", "-m", "pawdesk", "--folder", str(folder), "run", "morning"]
    done = subprocess.run(command, cwd=source_tree.ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "offers 0"
