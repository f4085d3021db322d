"""`longhaul audit` over a real record: blind sheets that tell nothing hidden, answers read strictly, and an audit file that others read."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.answer.audit.outcome import PLANTED, Audit
from harness.cli.context.audited import audited, read, sentence
from harness.core.errors import PlanError
from harness.settings import Settings
from harness.settings import read as settings
from harness.store.audits import KeptKeys, named
from harness.store.sqlite import RunStore
from tests.answer.probe.ground import Ground, told

Inside = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, base_image: object) -> Ground:
    return Ground(tmp_path_factory.mktemp("audit"))


@pytest.fixture
def home(ground: Ground, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LONGHAUL_HOME", str(ground.folder))
    return settings()


@pytest.fixture
def sheets(home: Settings, inside: Inside, tmp_path: Path) -> dict[str, Any]:
    """The samples of the ground's run, in "sheets" below where the test stands."""
    code, _, err = inside("audit", "parent", "--to", "sheets", "--no-tests")
    assert (code, "Traceback" in err) == (0, False), err
    found: dict[str, Any] = json.loads((tmp_path / "sheets/samples.json").read_text())
    return found


def keys(ground: Ground, audit: str) -> dict[str, Any]:
    data = KeptKeys(ground.parent).find(audit)
    assert data
    found: dict[str, Any] = json.loads(data)
    return found


def test_samples_are_findings_and_turns_by_lot(ground: Ground, sheets: dict[str, Any], tmp_path: Path) -> None:
    """Both are there, shuffled, each with the words of its turn; the page and the empty answers name the same samples."""
    key = keys(ground, sheets["audit"])
    assert [one["id"] for one in sheets["samples"]] == [one["id"] for one in key["samples"]]
    kinds = [one.get("kind", "") for one in key["samples"]]
    assert any(kinds)
    assert "" in kinds
    page = (tmp_path / "sheets/audit.html").read_text()
    empty = json.loads((tmp_path / "sheets/answers.json").read_text())
    for one in sheets["samples"]:
        assert f'data-id="{one["id"]}"' in page
        assert empty["answers"][one["id"]] is None
    changed = next(one for one in sheets["samples"] if one["turn"]["changes"])
    assert "+def step_" in changed["turn"]["changes"][0]["text"]
    assert changed["items"][0]["text"] == "Every new function ends with `_op`."
    assert "Add seven parts" in changed["requests"][0]


def test_nothing_hidden_is_in_the_sheets(ground: Ground, sheets: dict[str, Any], tmp_path: Path) -> None:
    """No detector's word, no status, no name of model, task, agent or trial, no predicate, milestone, hidden test or solution stands in any file."""
    key, manifest = keys(ground, sheets["audit"]), told(ground.parent)
    assert manifest
    hidden = {"candidate", "confirmed", "t0001", "tests.answer.probe.reader", "tiny", "sed -i", "test_add", ".*_op", "sleeper", "s1.1", "fail_to_pass", ground.parent.name}
    hidden |= {one["finding"] for one in key["samples"] if one.get("finding")}
    with closing(RunStore(ground.parent)) as store:
        assert set(store.keys()) == {"t0001"}
    for name in ("samples.json", "audit.html", "answers.json"):
        text = (tmp_path / "sheets" / name).read_text()
        assert {word for word in hidden if word in text} == set(), name
    assert not list((tmp_path / "sheets").glob("*key*"))
    for one in sheets["samples"]:
        assert set(one) == {"id", "question", "yes", "requests", "items", "earlier", "turn", "after", "files"}


def test_the_same_seed_draws_the_same(home: Settings, sheets: dict[str, Any], inside: Inside, tmp_path: Path) -> None:
    """Byte for byte; another seed another order; and no folder with something in it is written into."""
    assert inside("audit", "parent", "--to", "again", "--no-tests")[0] == 0
    for name in ("samples.json", "audit.html", "answers.json"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "sheets" / name).read_bytes()
    code, out, _ = inside("audit", "parent", "--to", "other", "--seed", "5", "--no-tests", "--json")
    assert (code, json.loads(out)["audit"] != sheets["audit"]) == (0, True)
    code, _, err = inside("audit", "parent", "--to", "sheets", "--no-tests")
    assert (code, "a folder with something in it" in err) == (2, True)


def answer(sheets: dict[str, Any], place: Path, who: str, label: Callable[[str], str | None], change: dict[str, object] | None = None) -> Path:
    body = {"schema": "longhaul.audit-answers/1", "audit": sheets["audit"], "who": who, "answers": {one["id"]: label(one["id"]) for one in sheets["samples"]}, **(change or {})}
    place.write_text(json.dumps(body))
    return place


def test_two_answers_become_an_audit_file(home: Settings, ground: Ground, sheets: dict[str, Any], inside: Inside, tmp_path: Path) -> None:
    """Kappa, precision and what was missed are the counts of the labels; the file is found where figures look for it."""
    yes = {one["id"]: "yes" if one.get("kind") else "no" for one in keys(ground, sheets["audit"])["samples"]}
    first = next(name for name, label in yes.items() if label == "yes")
    one = answer(sheets, tmp_path / "a.json", "AB", lambda name: yes[name])
    two = answer(sheets, tmp_path / "b.json", "CD", lambda name: "unsure" if name == first else yes[name])
    assert audited(home) is None
    assert sentence(home).sentence == PLANTED
    code, out, err = inside("audit", "parent", "--answers", str(one), str(two), "--json")
    assert code == 0, err
    file = audited(home)
    assert file
    assert json.loads(out) == json.loads((home.home / "audit.json").read_text())
    assert (file.who, file.n, file.whole) == (("AB", "CD"), len(yes), False)
    assert sum(each.findings for each in file.classes.values()) - sum(each.right for each in file.classes.values()) == 1
    assert sum(each.missed for each in file.classes.values()) == 0
    assert file.kappa.agreed == pytest.approx(1 - 1 / len(yes))
    assert sentence(home).sentence.startswith(f"{PLANTED}: the audit of ")
    told_ = inside("audit", "parent", "--answers", str(one), str(two))[1]
    assert "too small" in told_
    (home.home / "audit.json").unlink()


@pytest.mark.parametrize(
    ("change", "sentence_"),
    [
        ({"schema": "x"}, "schema: found 'x', expected longhaul.audit-answers/1"),
        ({"who": "AB"}, "who: found 'AB', expected another labeller than the first file's"),
        ({"who": ""}, "who: found '', expected the labeller's initials"),
        ({"audit": "0123456789ab"}, "audit: found '0123456789ab', expected"),
        ({"answers": {"a001": "yes"}}, "samples, expected yes or no or unsure for each"),
        ({"answers": {"zzz": "yes"}}, "answers.zzz: found no sample of this audit"),
        ({"answers": {"a001": "maybe"}}, "answers.a001: found 'maybe', expected yes or no or unsure"),
        ({"answers": {"a001": 3}}, "expected answers as the page saves them"),
        ({"more": 1}, "expected answers as the page saves them"),
    ],
)
def test_bad_answers_are_one_sentence(home: Settings, sheets: dict[str, Any], inside: Inside, tmp_path: Path, change: dict[str, object], sentence_: str) -> None:
    """Exit 2, no traceback, and no audit file."""
    one = answer(sheets, tmp_path / "a.json", "AB", lambda _: "yes")
    two = answer(sheets, tmp_path / "b.json", "CD", lambda _: "yes", change)
    code, _, err = inside("audit", "parent", "--answers", str(one), str(two))
    assert (code, "Traceback" in err, len(err.strip().splitlines())) == (2, False, 1)
    assert sentence_ in err
    assert not (home.home / "audit.json").exists()


@pytest.mark.parametrize("data", [b'{"audit":"\xff"}', b"[" * 100_000, b"{}"])
def test_a_key_that_can_not_be_read_is_none(home: Settings, ground: Ground, sheets: dict[str, Any], inside: Inside, tmp_path: Path, data: bytes) -> None:
    """Answers to an audit whose key is damaged are refused in a sentence that names the audits there are."""
    name = "ffff00000000"
    KeptKeys(ground.parent).keep(name, data)
    one, two = (answer({**sheets, "audit": name}, tmp_path / f"{who}.json", who, lambda _: "yes") for who in ("AB", "CD"))
    code, _, err = inside("audit", "parent", "--answers", str(one), str(two))
    (ground.parent / "audits" / f"{name}.json").unlink()
    assert (code, "Traceback" in err, len(err.strip().splitlines())) == (2, False, 1)
    assert f"audit: found '{name}', of which the key is damaged, expected an audit of {ground.parent.name}: " in err


@pytest.mark.parametrize("change", [{"samples": []}, {"run": "another"}, {"seed": 1}, {"audit": "ffff00000000"}, "kinds", "twice", "other run", "empty"], ids=str)
def test_labels_of_a_key_that_was_changed_become_no_audit(
    home: Settings, ground: Ground, sheets: dict[str, Any], inside: Inside, tmp_path: Path, change: dict[str, object] | str
) -> None:
    """Which sample was a finding decides every figure: one that was not drawn so, or not of this run, is refused, and no audit file is written."""
    good = keys(ground, sheets["audit"])
    body = {**good, **change} if isinstance(change, dict) else dict(good)
    if change in ("kinds", "twice"):
        body["samples"] = [{**each, **({"kind": "G1"} if change == "kinds" else {"id": "a001"})} for each in good["samples"]]
    if change in ("other run", "empty"):
        body |= {"run": "20250101-000000-abcd"} if change == "other run" else {"samples": []}
        body["audit"] = named(body["run"], body["measure"], body["seed"], body["samples"])
    name = body["audit"] if change in ("other run", "empty") else sheets["audit"]
    KeptKeys(ground.parent).keep(name, msgspec.json.encode(body))
    one, two = (answer({**sheets, "audit": name}, tmp_path / f"{who}.json", who, lambda _: "yes") for who in ("AB", "CD"))
    code, _, err = inside("audit", "parent", "--answers", str(one), str(two))
    if name != sheets["audit"]:
        (ground.parent / "audits" / f"{name}.json").unlink()
    KeptKeys(ground.parent).keep(sheets["audit"], msgspec.json.encode(good))
    assert (code, "Traceback" in err, len(err.strip().splitlines())) == (2, False, 1)
    assert f"audit: found '{name}', of which the key is damaged, expected an audit of " in err
    assert not (home.home / "audit.json").exists()


def test_many_audits_and_long_words_are_a_short_sentence(home: Settings, ground: Ground, sheets: dict[str, Any], inside: Inside, tmp_path: Path) -> None:
    """Whatever stands in the file of answers or in the folder of keys."""
    for number in range(50):
        KeptKeys(ground.parent).keep(f"{number:012x}", b"{}")
    for change in ({"audit": "z" * 9_000}, {"who": "z" * 9_000}, {"schema": "z" * 9_000}, {"answers": {"z" * 9_000: "yes"}}, {"answers": {"a001": "z" * 9_000}}):
        one, two = (answer(sheets, tmp_path / f"{who}.json", who, lambda _: "yes", change) for who in ("AB", "CD"))
        code, _, err = inside("audit", "parent", "--answers", str(one), str(two))
        assert (code, len(err) < 700) == (2, True), err[:900]
    for number in range(50):
        (ground.parent / "audits" / f"{number:012x}.json").unlink()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"who": NaN}', "\x00", "[" * 100_000])
def test_no_text_is_believed(home: Settings, sheets: dict[str, Any], inside: Inside, tmp_path: Path, text: str) -> None:
    """What is no file of answers at all is one sentence, too; and so is a folder or nothing in its place."""
    one = answer(sheets, tmp_path / "a.json", "AB", lambda _: "yes")
    (tmp_path / "b.json").write_text(text)
    for place in ("b.json", "sheets", "nowhere.json"):
        code, _, err = inside("audit", "parent", "--answers", str(one), place)
        assert (code, "Traceback" in err, len(err.strip().splitlines())) == (2, False, 1)


def test_a_damaged_audit_file_is_no_audit_and_no_silence(tmp_path: Path) -> None:
    """Bytes that are none, other formats, and counts that contradict themselves are one sentence each."""
    good: dict[str, Any] = {
        "schema": "longhaul.audit/1", "audit": "0" * 12, "run": "r", "measure": "m", "date": "2026-01-01", "who": ["a", "b"], "n": 2, "findings": 1, "turns": 1, "whole": False,
        "kappa": {"value": 1.0, "low": 0.2, "high": 1.0, "agreed": 1.0, "accepted": True},
        "classes": {"C": {"findings": 1, "right": 1, "split": 0, "precision": 1.0, "low": 0.2, "high": 1.0, "turns": 1, "missed": 0, "good": True}}, "seed": 0,
    }  # fmt: skip
    assert isinstance(read(json.dumps(good).encode(), "f"), Audit)
    rotten: list[bytes] = [b"", b"{", b"null", json.dumps({**good, "schema": "longhaul.audit/9"}).encode(), json.dumps({**good, "n": 9}).encode()]
    rotten += [json.dumps({**good, "kappa": {**good["kappa"], "value": 0.1}}).encode(), json.dumps({**good, "extra": 1}).encode()]
    rotten += [json.dumps({**good, "classes": {"C": {**good["classes"]["C"], "right": 0}}}).encode()]
    data, chance = json.dumps(good).encode(), random.Random(7)
    for _ in range(200):
        at = chance.randrange(len(data))
        rotten.append(data[:at] + bytes([chance.randrange(256)]) * chance.randrange(3) + data[at + 1 :])
    refused = 0
    for each in rotten:
        try:
            read(each, "f")
        except PlanError:
            refused += 1
    assert refused >= 8 + 120
    for each in rotten[:8]:
        with pytest.raises(PlanError):
            read(each, "f")


def test_secrets_are_taken_out_where_asked(home: Settings, inside: Inside, tmp_path: Path) -> None:
    """With --redact it is said how many, and the samples keep the rest of their words."""
    code, out, _ = inside("audit", "parent", "--to", "black", "--redact", "--no-tests", "--json")
    assert (code, json.loads(out)["redacted"]) == (0, 0)
    assert "+def step_" in (tmp_path / "black/samples.json").read_text()


def test_a_run_without_turns_is_refused(home: Settings, inside: Inside, tmp_path: Path) -> None:
    """An unknown run and a folder that can't be made are one sentence each."""
    for words in (("audit", "nowhere"), ("audit", "parent", "--to", "/proc/x/y", "--no-tests")):
        code, _, err = inside(*words)
        assert (code, "Traceback" in err) == (2, False)
