"""Stores, migrations, audit, permissions, scripts, approvals, recurring entries, the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ledgerlite import Book, Draft, Kind
from ledgerlite.audit import AuditedBook, AuditLog
from ledgerlite.audit.books import replay, verify
from ledgerlite.audit.log import read_log, summary
from ledgerlite.cli.main import main
from ledgerlite.contrib.quickpost import ForgivingBook, mileage, quick, split_bill, with_tip
from ledgerlite.errors import BatchRejected, LedgerError, NotPermitted, StorageError
from ledgerlite.notify.outbox import Outbox
from ledgerlite.permissions import CLERK, GuardedBook, Policy
from ledgerlite.recurring import Rhythm, Scheduler, Template, load_templates, monthly_transfer, save_templates
from ledgerlite.storage import CURRENT, JsonLinesStore, SqliteStore, migrate
from ledgerlite.workflow import ApprovalDesk, run_script, run_step

day = date.fromisoformat
eur = Decimal


def test_both_stores_keep_a_book_whole(funded: Book, tmp_path: Path) -> None:
    funded.post(day("2026-02-01"), "6100", "1020", eur("5.00"), "Miete für März", "r1")
    funded.reverse(2)
    for store in (JsonLinesStore(tmp_path / "book.jsonl"), SqliteStore(tmp_path / "book.db")):
        store.save(funded, CURRENT)
        loaded, version = store.load()
        assert version == CURRENT
        assert list(loaded) == list(funded)
        assert [a.code for a in loaded.chart] == [a.code for a in funded.chart]


def test_journal_files_follow_a_book(funded: Book, tmp_path: Path) -> None:
    store = JsonLinesStore(tmp_path / "book.jsonl")
    store.save(funded, CURRENT)
    store.follow(funded)
    funded.post(day("2026-02-01"), "6100", "1020", eur("5.00"))
    assert len(store.load()[0]) == 2
    (tmp_path / "book.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(StorageError):
        store.load()


def test_drafts_wait_in_the_database(funded: Book, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "book.db")
    store.keep_draft(Draft.simple(day("2026-01-05"), "6100", "1020", eur("5.00"), "Rent", "d1"))
    store.keep_draft(Draft.simple(day("2026-01-05"), "6100", "9999", eur("5.00")))
    with pytest.raises(BatchRejected):
        store.enter_drafts(funded, CURRENT)
    assert len(store.drafts()) == 2
    assert store.enter_drafts(funded, CURRENT, strict=False) == [2]
    assert store.drafts() == []
    assert store.balance("1020") == funded.balance("1020")


@pytest.fixture
def old(funded: Book) -> Book:
    """A book with everything that the migrations mend."""
    funded.chart.open("1011", "Petty cash", Kind.ASSET)
    funded.post(day("2026-01-05"), "6200", "1020", eur("3.00"), "Bank charge January")
    funded.post(day("2026-01-06"), "1020", "1100", eur("40.00"), "Paid in advance")
    for _ in range(2):
        funded.post(day("2026-01-07"), "6500", "1020", eur("8.00"), "Interest")
    funded.post(day("2026-01-08"), "1011", "1020", eur("20.00"), "Till")
    return funded


def test_migrations_mend_old_books(old: Book) -> None:
    steps = migrate(old, 0)
    assert [(step.version, step.entries) for step in steps] == [(1, 0), (2, 1), (3, 1), (4, 1), (5, 1)]
    assert old.balance("6300") == eur("3.00")
    assert old.balance("2500") == eur("-40.00")
    assert old.balance("6500") == eur("8.00")
    assert old.balance("1010") == eur("20.00")
    assert migrate(old, CURRENT) == []
    with pytest.raises(StorageError, match="newer ledgerlite"):
        migrate(old, CURRENT + 1)


def audited(log: AuditLog) -> AuditedBook:
    book = AuditedBook(log, "ada")
    book.post("2026-01-05", "6100", "1020", 12.5, "Rent", "r")
    book.post_split(day("2026-01-06"), [("6200", eur("1.00")), ("1020", eur("-1.00"))])
    book.reverse(2, memo="Wrong")
    with pytest.raises(LedgerError):
        book.post(day("2026-01-05"), "6100", "9999", eur("1.00"))
    return book


def test_audit_records_keep_their_format(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.jsonl", clock=lambda: "2026-01-31T12:00:00+00:00")
    audited(log)
    assert [(r.action, r.result) for r in log] == [("post", 1), ("post_split", 2), ("reverse", 3)]
    first, second, third = log
    assert first.args == {
        "date": "2026-01-05", "debit": "6100", "credit": "1020", "amount": "12.5", "memo": "Rent", "ref": "r",
    }
    assert second.args["legs"] == [["6200", "1.00"], ["1020", "-1.00"]]
    assert third.args == {"number": 2, "date": None, "memo": "Wrong"}
    assert list(read_log(log.path)) == list(log)
    assert summary(log)["ada", "post"] == 1


def test_logs_can_be_replayed_and_verified() -> None:
    log = AuditLog()
    book = audited(log)
    copy = Book()
    assert replay(log, copy) == 3
    assert list(copy) == list(book)
    assert verify(log, copy) == []
    copy.post(day("2026-01-09"), "6100", "1020", eur("1.00"))
    assert verify(log, copy) == ["entry 4 has no audit record"]
    with pytest.raises(StorageError, match="made entry 5, not 1"):
        first = next(iter(log))
        replay([replace(first, args={**first.args, "ref": None})], copy)


def test_broken_chains_are_found(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audited(AuditLog(path))
    path.write_text(path.read_text(encoding="utf-8").replace("12.5", "13.5"), encoding="utf-8")
    with pytest.raises(StorageError, match="line 2: the chain is broken"):
        AuditLog(path)


def test_policies_bound_action_amount_account_and_date(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    roles = {
        "clerk": {"permissions": ["post"], "limit": "100", "accounts": ["62", "10"]},
        "chief": {"permissions": ["post", "post_split", "reverse", "backdate"]},
    }
    path.write_text(json.dumps({"roles": roles, "users": {"bo": ["clerk"], "ada": ["chief"]}}), encoding="utf-8")
    book = GuardedBook(Policy.load(path), "bo", today=day("2026-02-10"))
    book.post(day("2026-02-01"), "6200", "1020", 100)
    for args, reason in (
        (("2026-02-01", "6200", "1020", 101), "above the limit"),
        (("2026-02-01", "6100", "1020", 1), "outside the role"),
        (("2026-01-31", "6200", "1020", 1), "backdate"),
    ):
        with pytest.raises(NotPermitted, match=reason):
            book.post(*args)
    with pytest.raises(NotPermitted, match="bo may not post_split"):
        book.post_split(day("2026-02-01"), [("6200", eur("1")), ("1020", eur("-1"))])
    with pytest.raises(NotPermitted, match="bo may not reverse"):
        book.reverse(1)
    book.user = "ada"
    book.reverse(1, "2026-01-31")
    assert len(book) == 2


def test_roles_can_be_revoked() -> None:
    policy = Policy()
    policy.grant("bo", CLERK)
    policy.require("bo", "post", ["1020"], eur("1"))
    policy.revoke("bo", "clerk")
    with pytest.raises(NotPermitted, match="no role allows it"):
        policy.require("bo", "post", ["1020"], eur("1"))


def test_scripts_run_steps_with_variables(book: Book) -> None:
    steps = [
        {"action": "post", "as": "rent", "params": {
            "date": "2026-01-05", "debit": "6100", "credit": "$bank", "amount": "800.00", "memo": "Rent"}},
        {"action": "split", "params": {
            "date": "2026-01-06", "legs": [["6200", "5.00"], ["1020", "-5.00"]], "ref": "s"}},
        {"action": "undo", "params": {"number": "$rent", "date": "2026-01-07"}},
        {"action": "undo", "params": {"ref": "s"}},
        {"action": "note", "params": {"text": "done"}},
        {"action": "archive", "params": {"code": "6900"}},
    ]
    run = run_script(book, steps, {"bank": "1020"})
    assert (run.entries, run.notes) == ([1, 2, 3, 4], ["done"])
    assert run.variables["rent"] == 1
    assert book.balance("1020") == 0


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"action": "frobnicate"}, "unknown action"),
        ({"action": "post", "params": {"date": "2026-01-05", "debitor": "1"}}, "post: "),
        ({"action": "undo", "params": {"ref": "nope"}}, "no entry with reference"),
        ({"action": "post", "params": {"date": "$when"}}, "variable 'when' is not set"),
    ],
    ids=["action", "params", "ref", "variable"],
)
def test_bad_steps_are_refused_with_a_reason(book: Book, step: dict, message: str) -> None:
    with pytest.raises(LedgerError, match=message):
        run_step(book, step)


def test_nobody_approves_their_own_request(funded: Book) -> None:
    outbox = Outbox()
    desk = ApprovalDesk(funded, outbox, frozenset({"ada", "bo"}))
    request = desk.ask("bo", Draft.simple(day("2026-01-05"), "6100", "1020", eur("5.00"), "Rent"))
    with pytest.raises(NotPermitted, match="own request"):
        desk.approve(request.key, "bo")
    assert desk.approve(request.key, "ada") == 2
    assert outbox.waiting()[-1].body == "Approved: Rent is entry 2"
    undo = desk.ask_undo("bo", 2)
    assert desk.waiting(eur("6.00")) == []
    assert desk.withdraw(undo.key, "bo") is True
    again = desk.ask_undo("bo", 2)
    desk.refuse(again.key, "ada", "keep it")
    third = desk.ask_undo("bo", 2)
    assert desk.approve(third.key, "ada", day("2026-02-01")) == 3
    assert funded.entry(3).date == day("2026-02-01")
    with pytest.raises(LedgerError, match="is approved"):
        desk.approve(third.key, "ada")


def test_recurring_entries_are_made_once(funded: Book, tmp_path: Path) -> None:
    rent = monthly_transfer("rent", day("2026-01-31"), "6100", "1020", eur("100.00"), "Rent {month}")
    legs = [["6200", "10.00"], ["6300", "1.00"], ["1020", "-11.00"]]
    phone = Template("phone", Rhythm.QUARTERLY, day("2026-01-03"), "post_split", {"legs": legs}, business_days=True)
    path = tmp_path / "templates.json"
    save_templates(path, [rent, phone])
    scheduler = Scheduler(funded, load_templates(path))
    assert len(scheduler.run(day("2026-04-30"))) == 6
    assert scheduler.run(day("2026-04-30")) == []
    assert [e.date.isoformat() for e in funded][1:4] == ["2026-01-05", "2026-01-31", "2026-02-28"]
    assert funded.entry(3).memo == "Rent 2026-01"
    scheduler.pause("rent")
    assert len(scheduler.run(day("2026-07-31"))) == 1
    path.write_text(path.read_text(encoding="utf-8").replace('"post"', '"explode"'), encoding="utf-8")
    with pytest.raises(StorageError, match="unknown method 'explode'"):
        load_templates(path)


def test_quick_entries_for_people_in_a_hurry(funded: Book) -> None:
    quick(funded, day("2026-01-05"), "Coffee beans 12,50")
    quick(funded, day("2026-01-05"), "Train 48 6900")
    split_bill(funded, day("2026-01-06"), 100.0, ["6200", "6300", "6900"])
    with_tip(funded, day("2026-01-07"), 37.4, 10)
    mileage(funded, day("2026-01-08"), 21.5)
    assert [e.total for e in funded][1:] == [
        eur(t) for t in ("12.50", "48.00", "33.33", "33.33", "33.34", "42", "6.45")
    ]
    assert funded.entry(8).memo == "21.5 km"
    with pytest.raises(LedgerError, match="not understood"):
        quick(funded, day("2026-01-05"), "nothing")


def test_forgiving_books_open_unknown_accounts() -> None:
    book = ForgivingBook()
    book.post(day("2026-01-05"), "7777", "1020", eur("1.00"))
    assert book.chart.get("7777").name == "Unknown 7777"


def test_the_command_line_keeps_a_book(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = str(tmp_path / "my.jsonl")
    bank = tmp_path / "bank.csv"
    bank.write_text("date,amount,text\n2026-01-08,-9.50,Paper\n", encoding="utf-8")
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"action": "undo", "params": {"number": 1}}]), encoding="utf-8")
    assert main([book, "init"]) == 0
    assert main([book, "post", "2026-01-05", "6100", "1020", "800", "--memo", "Rent"]) == 0
    assert main([book, "split", "2026-01-06", "6200=5", "6300=1.5", "1020=-6.50"]) == 0
    assert main([book, "reverse", "2", "--memo", "Wrong"]) == 0
    assert main([book, "import", str(bank)]) == 0
    assert main([book, "script", str(script)]) == 0
    assert main([book, "balance", "1020", "1900"]) == 0
    out = capsys.readouterr().out
    assert "#1 2026-01-05 6100 +800, 1020 -800 Rent" in out
    assert "1020 Bank: -9.50 EUR" in out
    assert main([book, "report", "trial", "2026", "--csv"]) == 0
    assert "1900,Suspense,9.50," in capsys.readouterr().out
    assert main([book, "close", "2026-12-31"]) == 1
    assert "suspense account holds 9.50" in capsys.readouterr().err
    assert main([book, "close", "2026-12-31", "--force"]) == 0
