"""What an audit is made of: which turns are drawn, what two people's labels come to, and what may be said because of them."""

from __future__ import annotations

import msgspec
import pytest

from harness.answer.audit.blackening import Blackener, blackened
from harness.answer.audit.differences import LARGEST, differences
from harness.answer.audit.outcome import PLANTED, Audit, Key, outcome, standing
from harness.answer.audit.questions import QUESTIONS, YES, Label
from harness.answer.audit.sampling import Sample, drawn
from harness.answer.audit.sheet import Sheet, sheet
from harness.core.memory import Item, Manifest, Milestone
from harness.core.predicates import Exists
from harness.metrics.context.account import Account
from harness.metrics.context.all import detectors
from tests.metrics.context.detectors.acting import Acting
from tests.report.context.populations import a_chance, a_finding, a_population, an_account

KINDS = frozenset(("C1", "C3", "J1", "G1"))


def many() -> tuple[Account, ...]:
    """Thirty trials with many C1, and one J1 and one G1 in all of them."""
    found = [an_account(number, f"task-{number % 10}", findings=tuple(a_finding("C1", turn) for turn in range(5, 35, 2))) for number in range(1, 31)]
    found[3] = msgspec.structs.replace(found[3], findings=(*found[3].findings, a_finding("J1", 8), a_finding("G1", 9), a_finding("F1", 9)))
    return tuple(found)


def test_rare_kinds_are_in() -> None:
    """Of 450 findings of one kind and one each of two others, all three are in a draw of ten; kinds not asked for are in none."""
    samples = drawn(many(), KINDS, 10, 1).samples
    assert {one.kind for one in samples} == {"C1", "J1", "G1", ""}
    assert sum(not one.by_lot for one in samples) == 10
    assert sum(one.by_lot for one in samples) == 10


def test_turns_by_lot_are_silent_and_asked_alike() -> None:
    """A turn by lot has no finding of the class asked, and classes are asked about as often as of findings where there are turns enough."""
    accounts = many()
    spoken = {(account.trial, each.kind[0], turn) for account in accounts for each in account.findings for turn in (each.turn, each.onset)}
    samples = drawn(accounts, KINDS, 150, 1).samples
    lot = [one for one in samples if one.by_lot]
    assert len(lot) == 150
    assert not {(one.trial, one.asked, one.turn) for one in lot} & spoken
    assert len({(one.trial, one.asked, one.turn) for one in lot}) == 150
    assert sum(one.asked == "J" for one in lot) == sum(one.kind == "J1" for one in samples)


def test_what_stands_broken_is_no_silent_turn() -> None:
    """A loss is told once; turns that break the same item again before it is put right are asked about by nobody, those before it are."""
    broken = tuple(a_chance(turn, honoured=turn < 13) for turn in range(5, 41, 4))
    accounts = tuple(an_account(number, f"task-{number}", findings=(a_finding("C1", 13),), chances=broken) for number in range(3))
    asked = {one.turn for one in drawn(accounts, KINDS, 500, 1).samples if one.by_lot and one.asked == "C"}
    assert {5, 9, 11, 15} <= asked
    assert not asked & {13, 17, 21, 37}


def test_order_says_nothing() -> None:
    """Findings do not stand before turns by lot; the order of accounts changes nothing, the seed does."""
    first = drawn(many(), KINDS, 100, 1)
    assert first == drawn(tuple(reversed(many())), KINDS, 100, 1)
    assert first.samples != drawn(many(), KINDS, 100, 2).samples
    head = sum(one.by_lot for one in first.samples[:100])
    assert 30 < head < 70


def test_every_class_of_a_detector_can_be_asked_about() -> None:
    """Each kind that any detector reports has a question and its yes."""
    assert {kind[0] for one in detectors() for kind in one.kinds} == set(QUESTIONS) == set(YES)


def test_few_are_told_as_few() -> None:
    """Without a finding only turns by lot are drawn; without a turn none."""
    quiet = a_population(2, 1)
    found = drawn(quiet, KINDS, 5, 0)
    assert (found.findings, len(found.samples), all(one.by_lot for one in found.samples)) == (0, 5, True)
    assert drawn((), KINDS, 5, 0).samples == ()


def test_of_a_fork_its_own_part_is_drawn() -> None:
    """No finding and no turn of the past that it was led through, nor a loss that began there; what a detector saw begin there is no silent turn either."""
    forks = tuple(
        an_account(number, "task", past=20, findings=(a_finding("C1", 8), a_finding("C1", 22, 18), a_finding("C1", 32))) for number in range(1, 4)
    )  # fmt: skip
    found = drawn(forks, KINDS, 500, 1)
    assert (found.findings, found.turns) == (3, 3 * 20)
    assert {(one.turn, one.finding) for one in found.samples if not one.by_lot} == {(32, "C1@32:suffix")}
    lot = {one.turn for one in found.samples if one.by_lot and one.asked == "C"}
    assert lot == {turn for turn in range(21, 41) if turn % 2} - {22, 32}


def told(right: int, wrong: int, *, lot: int = 0, missed: int = 0, split: int = 0, measure: str = "m") -> Audit:
    samples = [*(Sample(f"f{k}", "t0001", k, "C", "C1", f"C1@{k}") for k in range(right + wrong)), *(Sample(f"l{k}", "t0001", k, "C") for k in range(lot))]
    labels: dict[str, Label] = {one.id: "yes" if int(one.id[1:]) < (missed if one.by_lot else right) else "no" for one in samples}
    other: dict[str, Label] = {**labels, **{f"f{k}": "unsure" for k in range(split)}}
    return outcome(Key("0" * 12, "run", measure, 0, tuple(samples)), ("a", "b"), labels, other, "2026-01-02")


def test_counts_become_figures() -> None:
    """150 of 150 right has Wilson's lower bound 0.975; what was missed is counted among turns by lot alone; a doubt is not right."""
    whole = told(150, 0, lot=150, missed=2)
    one = whole.classes["C"]
    assert (one.precision, one.low, one.missed, one.turns) == (1.0, pytest.approx(0.975, abs=0.0006), 2, 150)
    assert whole.kappa.value == 1.0
    less = told(150, 0, lot=150, split=16)
    assert (less.classes["C"].right, less.classes["C"].split, less.classes["C"].good) == (134, 16, False)


def test_what_an_audit_lets_be_said() -> None:
    """Nothing, another version, too few, too little agreement: planted faults only; a whole one is named with n and kappa, its weak classes apart."""
    good = told(148, 2, lot=150)
    assert standing(None, "m").sentence == PLANTED
    for audit, measure in ((good, "n"), (told(20, 0, lot=20), "m"), (told(150, 0, lot=150, split=150), "m"), (told(150, 0), "m")):
        assert standing(audit, measure).sentence.startswith(f"{PLANTED}: ")
    assert standing(good, "m").sentence == "audited by two people on 2026-01-02: n = 300, kappa 1.00 [0.97, 1.00]"
    for practice in (told(0, 3, lot=3), told(0, 150, lot=150, split=150)):
        assert standing(practice, "m").below == frozenset()
    weak = standing(told(100, 50, lot=150), "m")
    assert (weak.below, "below 0.9 precision: C" in weak.sentence) == (frozenset("C"), True)


def test_one_label_alone_has_no_kappa() -> None:
    """Two people who say yes to all agree on everything and tell nothing."""
    same = told(150, 0, lot=150, missed=150)
    assert (same.kappa.value, same.kappa.agreed, same.kappa.accepted) == (None, 1.0, False)


def a_sheet() -> tuple[Acting, Sheet]:
    rule = Item("r1", "rule", "Names end with _op.", ("_op",))
    late = Item("r2", "rule", "Never told before request 3.", ("zzz",), since=3)
    gone = Item("r0", "rule", "Names end with _old.", ("_old",), until=1)
    acting = Acting(Manifest(items=(rule, late, gone), milestones=(Milestone("hidden-m", "1.1", 1, Exists("hidden-path")),)), trees={"t1": {"a.py": "x = 1\n"}})
    acting.write("b.py", "def f():\n    return '<b>&'\n", "t2")
    acting.act("shell", {"command": "cat a.py"}, "key: sk-abcdefghijklmnop1234 for me@example.org", tree="")
    acting.act("shell", {"command": "curl -H 'Authorization: Bearer abcdefghijklmnop'"}, "password=hunter2hunter2 and sk-abcdefghijklmnop1234")
    return acting, sheet(acting.scene(), Sample("a001", "made", 1, "C"))


def test_a_sheet_has_the_turn_and_two_after_and_nothing_later_told() -> None:
    """The difference of the turn, the two turns after it, items told by then with what became of them; no item of a later request, no milestone."""
    _, made = a_sheet()
    assert [each.number for each in (made.turn, *made.after)] == [1, 2, 3]
    assert made.turn.changes[0].path == "b.py"
    assert "+def f():" in made.turn.changes[0].text
    assert {(each.text, each.holds) for each in made.items} == {("Names end with _op.", "holds"), ("Names end with _old.", "replaced or waived")}
    text = str(msgspec.to_builtins(made))
    assert "hidden" not in text
    assert "Never told" not in text


def test_secrets_are_blackened_alike() -> None:
    """Keys, bearer words, passwords and mail go, each under one name of its own wherever it stands; questions stay."""
    _, made = a_sheet()
    black = Blackener()
    told_ = blackened(made, black)
    text = str(msgspec.to_builtins(told_))
    for secret in ("sk-abcdefghijklmnop1234", "me@example.org", "hunter2hunter2", "abcdefghijklmnop'"):
        assert secret not in text, secret
    assert black.count == 4
    outputs = [call.output for step in told_.after for call in step.calls]
    assert outputs[0].split("key: ")[1].split()[0] in outputs[1]
    assert told_.question == made.question


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "github_pat_11ABCDEFG0abcdefghijkl_mn", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "10.11.12.13",
    ],
)  # fmt: skip
def test_usual_secrets_are_known(secret: str) -> None:
    """Each is gone, and what stands around it stays."""
    assert Blackener()(f"before {secret} after") == "before [secret-1] after"


def test_code_without_secrets_stays() -> None:
    """Ordinary code is not touched."""
    code = "def tokens(text):\n    return len(text) // 4  # token count\nversion = '1.2.3'\nfor key in keys:\n    pass\n"
    assert Blackener()(code) == code


@pytest.mark.parametrize("word", ["pass-", "token ", "secret", "token=", "a.", "x@", "x@a-", "x@-.", "eyJ-", "eyJabcdefgh.", "-----BEGIN ", "://a:", " ", "AKIA"])
def test_beginnings_without_end_are_read_to_their_end(word: str) -> None:
    """What only begins like a secret, over and over, costs no more than its length: an agent can print any text."""
    black = Blackener()
    black(word * (100_000 // len(word)) + " ")
    assert black.count <= 1


@pytest.mark.parametrize(
    ("given", "told_"),
    [
        ('my_db_password_of_all : "hunter22"', 'my_db_password_of_all : "[secret-1]"'), ("API_KEY=abc123def", "API_KEY=[secret-1]"),
        ("x-auth-token: xx1yyyyy", "x-auth-token: [secret-1]"), ('"secret_key": "abcdefgh"', '"secret_key": "[secret-1]"'), ("author = mostly prose", "author = mostly prose"),
        ("+me@example.org", "+[secret-1]"), ("..me+x@example.co.uk.", "..[secret-1]."), ("a-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "a-[secret-1]"),
    ],
)  # fmt: skip
def test_a_secret_given_to_a_name_goes_whatever_stands_about_the_name(given: str, told_: str) -> None:
    """Before the word that says what it is and after it; prose stays."""
    assert Blackener()(given) == told_


def test_a_file_too_long_to_compare_is_said_to_be_changed() -> None:
    """One byte more than what is compared line by line: the turn shows that it changed, and one that fits shows how."""
    fits = "x = 1\n" * (LARGEST // 6)
    acting = Acting(Manifest(), trees={"t1": {"a.py": "", "b.py": ""}, "t2": {"a.py": fits, "b.py": fits + "\n" * (LARGEST + 1 - len(fits))}})
    told_ = {each.path: each.text for each in differences(acting.scene().trees, "t1", "t2")}
    assert "+x = 1" in told_["a.py"]
    assert told_["b.py"] == "changed; no text that can be shown, or too long a one"
