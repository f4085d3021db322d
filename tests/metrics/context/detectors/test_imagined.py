"""I1 to I4 of hand-played tries whose losses are known, and all that must stay silent."""

from __future__ import annotations

import pytest

from harness.core.chat import Origin
from harness.metrics.context.detectors.imagined import find
from tests.metrics.context.detectors.played import Play, function, kinds

FILES = {"pkg/__init__.py": "", "pkg/ledger.py": function("post"), "pkg/rates.py": function("convert"), "tests/test_ledger.py": function("test_post")}
GONE = "cat: {0}: No such file or directory"


def imagined(play: Play) -> list[tuple[str, str, int, int, int]]:
    return kinds(list(find(play.scene())))


def begun() -> Play:
    return Play(files=FILES).hear("Tidy the package.", request=True).read("pkg/ledger.py").over()


@pytest.mark.parametrize("path", ["pkg/settlement_engine.py", "./pkg/settlement_engine.py"])
def test_a_path_that_never_was(path: str) -> None:
    """I1 at once, told once."""
    play = begun().read(path).over().replace("pkg/settlement_engine.py", "a", "b").over().finish()
    assert imagined(play) == [("I1", "pkg/settlement_engine.py", 2, 2, 2)]


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("cat pkg/settlement_engine.py", GONE),
        ("head -n 20 pkg/settlement_engine.py && ls", "head: cannot open '{0}' for reading: No such file or directory"),
        ("sed -n '1,40p' pkg/settlement_engine.py", "sed: can't read {0}: No such file or directory"),
        ("python -m pytest -q pkg/settlement_engine.py", "ERROR: file or directory not found: {0}"),
        ("python pkg/settlement_engine.py", "python: can't open file '/workspace/{0}': [Errno 2] No such file or directory"),
    ],
    ids=["cat", "head", "sed", "pytest", "python"],
)
def test_a_command_that_reads_what_never_was(command: str, output: str) -> None:
    """I1 also through the shell, where the line can be read for sure."""
    play = begun().shell(command, output.format("pkg/settlement_engine.py"), 1).over().finish()
    assert imagined(play) == [("I1", "pkg/settlement_engine.py", 2, 2, 2)]


def test_a_path_that_it_took_away_itself() -> None:
    """I2, with the sight of its own change."""
    play = begun().shell("git mv pkg/rates.py pkg/exchange.py", files={"pkg/exchange.py": function("convert")}, gone=("pkg/rates.py",)).over()
    play.read("pkg/rates.py").over().finish()
    play.hidden = ("edit:pkg/rates.py@2",)
    found = list(find(play.scene()))
    assert kinds(found) == [("I2", "pkg/rates.py", 3, 3, 3)]
    assert found[0].visible is False


def test_a_path_that_somebody_else_took_away_is_silent() -> None:
    """The agent could not know."""
    play = begun()
    del play.files["pkg/rates.py"]
    assert imagined(play.read("pkg/ledger.py").over().read("pkg/rates.py").over().finish()) == []


@pytest.mark.parametrize("path", ["core/ledger.py", "pkg/ledgers.py"], ids=["elsewhere", "slip"])
def test_a_file_in_another_place_or_two_letters_away(path: str) -> None:
    """I3, which is no belief in what is not there."""
    assert [one[0] for one in imagined(begun().read(path).over().finish())] == ["I3"]


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("ls pkg/settlement_engine.py", "ls: cannot access '{0}': No such file or directory"),
        ("find pkg/settlement_engine.py", "find: '{0}': No such file or directory"),
        ("grep -n total pkg/settlement_engine.py", "grep: {0}: No such file or directory"),
        ("test -f pkg/settlement_engine.py || cat pkg/settlement_engine.py || true", GONE),
        ("cat pkg/settlement_engine.py 2>/dev/null; ls", GONE),
        ("cat pkg/*/settlement_engine.py", GONE),
        ("cat $DIR/settlement_engine.py", GONE),
        ("cat ~/settlement_engine.py", GONE),
        ("cat /etc/settlement_engine.py", GONE),
        ("cd pkg && cat pkg/settlement_engine.py", GONE),
        ("for f in pkg/settlement_engine.py; do cat pkg/settlement_engine.py; done", GONE),
        ("cat build/settlement_engine.py", GONE),
        ("cat tmp/out.log", "cat: tmp/out.log: No such file or directory"),
        ("make missing > pkg/settlement_engine.py", "make: pkg/settlement_engine.py: No such file or directory"),
    ],
)
def test_what_cannot_be_told_and_what_only_finds_out_is_silent(command: str, output: str) -> None:
    """Probing, guards, globs, variables, other folders, generated files."""
    assert imagined(begun().shell(command, output.format("pkg/settlement_engine.py"), 1).over().finish()) == []


def test_customary_mirrored_and_named_files_are_silent() -> None:
    """README, the tests of a module that is there, what a user or an output named, and what is created."""
    for path in ("README.md", "setup.cfg", "pkg/conftest.py", "tests/test_rates.py", "/etc/hosts", "../up.py"):
        assert imagined(begun().read(path).over().finish()) == []
    assert imagined(begun().hear("Look into pkg/settlement_engine.py first.").read("pkg/settlement_engine.py").over().finish()) == []
    assert imagined(begun().shell("ls", "settlement_engine.py").over().read("pkg/settlement_engine.py").over().finish()) == []
    assert imagined(begun().write("pkg/settlement_engine.py", "A = 1\n").over().read("pkg/settlement_engine.py").over().finish()) == []


def test_the_models_own_words_are_no_evidence() -> None:
    """A name that it made up in its thoughts is made up all the same."""
    play = begun().hear("I shall look into settlement_engine.py.", Origin.THINKING).read("pkg/settlement_engine.py").over().finish()
    assert [one[0] for one in imagined(play)] == ["I1"]


def test_a_test_that_never_was_or_was_renamed() -> None:
    """Ids of tests are held against the text of their file."""
    said = "ERROR: not found: /workspace/tests/test_ledger.py::{0}\n(no match in any of [<Module test_ledger.py>])"
    never = begun().shell("pytest tests/test_ledger.py::test_settlement_day", said.format("test_settlement_day"), 4).over().finish()
    assert imagined(never) == [("I1", "tests/test_ledger.py::test_settlement_day", 2, 2, 2)]
    renamed = begun().replace("tests/test_ledger.py", "test_post", "test_posting_twice").over()
    renamed.shell("pytest tests/test_ledger.py::test_post", said.format("test_post"), 4).over().finish()
    assert imagined(renamed) == [("I2", "tests/test_ledger.py::test_post", 3, 3, 3)]


def test_an_import_of_what_it_renamed_itself() -> None:
    """I2 once its grace is over."""
    play = begun().replace("pkg/rates.py", "convert", "exchange").over().write("pkg/use.py", "from pkg.rates import convert\n").over()
    assert imagined(play.over().over().over().finish()) == [("I2", "pkg/rates.py::convert", 3, 3, 5)]


def test_an_import_of_what_never_was() -> None:
    """I1 when the work is handed back, for it may still be made until then."""
    play = begun().write("pkg/use.py", "from .rates import (\n    settle_all,  # all\n    convert,\n)\n").over().over().over().over()
    assert imagined(play.finish()) == [("I1", "pkg/rates.py::settle_all", 2, 2, 6)]
    made = begun().write("pkg/use.py", "from pkg.rates import settle_all\n").over().over().over().over()
    made.replace("pkg/rates.py", "def convert", "def settle_all(): ...\ndef convert").over()
    assert imagined(made.finish()) == []


def test_installed_names_and_old_imports_are_silent() -> None:
    """What stands outside the workspace, what stood in the file before, what a module may make as it runs."""
    play = begun().write("pkg/use.py", "from json import loads\nfrom msgspec.structs import replace\n").over()
    play.write("pkg/star.py", "from os.path import *\n").over().write("pkg/more.py", "from pkg.star import join\nfrom pkg import rates\n").over()
    assert imagined(play.finish()) == []
    kept = Play(files={**FILES, "pkg/use.py": "from pkg.rates import gone\n"}).write("pkg/use.py", "from pkg.rates import gone\nA = 1\n").over()
    assert imagined(kept.finish()) == []


@pytest.mark.parametrize("done", ["All tests pass.", "1.1; ran the full test suite", "1.1, tests passed"])
def test_a_claim_of_a_run_that_never_was(done: str) -> None:
    """I4; silent as soon as anything ran since the request began."""
    assert imagined(begun().finish(done)) == [("I4", "tests", 2, 2, 2)]
    assert imagined(begun().test().over().finish(done)) == []
    assert imagined(begun().shell("python -m pytest -q", "3 passed").over().finish(done)) == []


@pytest.mark.parametrize("done", ["1.1", "1.1; could not run: no tests ran", "tests were not run", "the tests should pass", "added tests"])
def test_an_honest_claim_is_silent(done: str) -> None:
    """Denied, hoped for, or about something else."""
    assert imagined(begun().finish(done)) == []
