"""What can't be read of a run from elsewhere is refused in one sentence, whatever way it can't."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from harness.core.trial import TrialKey
from harness.exchange import content
from harness.exchange.database import inspected
from harness.exchange.manifest import DATABASE
from harness.exchange.refusal import RefusedError
from tests.exchange.forge import a_run, altered

NO_TEXTS = (b'{"asked": {"tree": "\xff', b'{"a": "\xff"}', b"[" * 200_000, b'{"a":' * 100_000, b'"\xed\xa0\x80"', b"", b"{")
MEMBERS = (f"settled/{'0' * 64}.json", "audits/0123456789ab.json")


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("data", NO_TEXTS, ids=range(len(NO_TEXTS)))
def test_a_member_that_is_no_json_is_damage(data: bytes, member: str, tmp_path: Path) -> None:
    """Half a letter, nesting without end, an end too soon: refused by its name."""
    (tmp_path / "member").write_bytes(data)
    with pytest.raises(RefusedError, match="damage: ") as told:
        content.checked(member, tmp_path / "member")
    assert member in str(told.value)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A record at rest."""
    folder = a_run(tmp_path_factory.mktemp("record"), turns=1)
    with closing(sqlite3.connect(folder / DATABASE)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return altered((folder / DATABASE).read_bytes(), folder, lambda _: None)


def refused(database: bytes, scratch: Path, question: str, value: object) -> str:
    """The sentence about a record of which one value is another."""
    (scratch / DATABASE).write_bytes(altered(database, scratch, lambda opened: opened.execute(question, (value,))))
    with pytest.raises(RefusedError) as told:
        inspected(scratch / DATABASE)
    assert "\n" not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize("told", ["\u00b2", "9" * 5000, "9" * 10, "\u0663", "-1", "", "2.0", "1_0", "2\n", "\x1b[31m"])
def test_a_store_format_that_is_no_small_number_is_refused(told: str, database: bytes, tmp_path: Path) -> None:
    """Digits raised above the line or of another script, more of them than Python reads, a sign."""
    assert "store format" in refused(database, tmp_path, "UPDATE meta SET value = ? WHERE name = 'format'", told)


def a_key(**changed: object) -> bytes:
    key = msgspec.to_builtins(TrialKey("20260101-000000-aaaa", "made", "coder", "ollama/made", "", 1))
    return msgspec.json.encode(key | changed)


KEYS = {
    "a number": 5, "a fraction": 0.5, "half a letter": b'{"run": "\xff"}', "half a letter alone": b'"\xff"', "deep": b"[" * 200_000, "deep in a key": b'{"more":' + b"[" * 200_000,
    "an attempt that is a text": a_key(attempt="one"), "a run that is a list": a_key(run=[]), "text that is none": "{", "no text": b"",
}  # fmt: skip


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_key_of_a_trial_that_can_not_be_read_is_refused(key: object, database: bytes, tmp_path: Path) -> None:
    """SQLite keeps whatever it is given in a column of text: numbers, bytes, nesting without end."""
    assert "a trial's key that can't be read" in refused(database, tmp_path, "UPDATE trials SET key = ? WHERE short = (SELECT min(short) FROM trials)", key)
