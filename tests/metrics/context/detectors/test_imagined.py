"""I1 to I4 of hand-played tries whose losses are known, and all that must stay silent."""

from __future__ import annotations

import msgspec
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


def test_an_import_in_another_style_is_a_slip_of_the_pen() -> None:
    """I3: two letters away from a name that is there."""
    play = Play(files={**FILES, "pkg/rates.py": function("settle_all")}).hear("Tidy.", request=True).write("pkg/use.py", "from pkg.rates import settleAll\n").over()
    assert imagined(play.finish()) == [("I3", "pkg/rates.py::settleAll", 1, 1, 2)]


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


LOST = 'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\n'
CHECK = "set -e\necho 12 passed\n"


@pytest.mark.parametrize(
    ("command", "output", "item"),
    [
        ("python3 -B tests/test_settlement_day.py", "python3: can't open file '/workspace/tests/test_settlement_day.py': [Errno 2] No such file", "tests/test_settlement_day.py"),
        ("sh settle.sh", "sh: 0: cannot open settle.sh: No such file", "settle.sh"),
        ("python3 -B -c 'from pkg.settlement import load'", f"{LOST}ModuleNotFoundError: No module named 'pkg.settlement'", "pkg/settlement.py"),
        ("python -c 'import pkg.settlement as s; print(s.x[0])'", f"{LOST}ModuleNotFoundError: No module named 'pkg.settlement'", "pkg/settlement.py"),
        ("python -m pkg.settlement", "/usr/bin/python: No module named pkg.settlement", "pkg/settlement.py"),
        ("python -c 'from pkg import settle_all'", f"{LOST}ImportError: cannot import name 'settle_all' from 'pkg' (/workspace/pkg/__init__.py)", "pkg/__init__.py::settle_all"),
    ],
    ids=["interpreter options", "shell", "from", "import", "module", "name"],
)
def test_a_command_that_runs_or_imports_what_never_was(command: str, output: str, item: str) -> None:
    """I1 by the command line's own words and the interpreter's."""
    assert imagined(begun().shell(command, output, 1).over().finish()) == [("I1", item, 2, 2, 2)]


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("python -c 'import numpy'", f"{LOST}ModuleNotFoundError: No module named 'numpy'"),
        ("python -c 'import pkg.rates'", f"{LOST}ModuleNotFoundError: No module named 'pkg.settlement'"),
        ("python -c 'from pkg.rates import convert'", f"{LOST}ModuleNotFoundError: No module named 'pkg.rates'"),
        ("python -c 'try: import pkg.settlement\nexcept ImportError: raise'", f"{LOST}ModuleNotFoundError: No module named 'pkg.settlement'"),
        ("python -c 'import pkg.settlement' || true", f"{LOST}ModuleNotFoundError: No module named 'pkg.settlement'"),
        ("python -c 'from pkg.rates import convert'", f"{LOST}ImportError: cannot import name 'convert' from 'pkg.rates' (/x/pkg/rates.py)"),
        ("cd pkg && python -c 'import pkg.settlement'", f"{LOST}ModuleNotFoundError: No module named 'pkg.settlement'"),
    ],
    ids=["installed", "deeper", "path", "guarded", "provided for", "there after all", "elsewhere"],
)
def test_imports_of_which_nothing_can_be_told_are_silent(command: str, output: str) -> None:
    """Packages that the workspace has not, what another module asked for, a wrong search path, asking whether it is there."""
    assert imagined(begun().shell(command, output, 1).over().finish()) == []


def test_a_module_that_it_took_away_itself() -> None:
    """I2 by the import in a command line."""
    play = begun().shell("rm pkg/rates.py", gone=("pkg/rates.py",)).over()
    play.shell("python -c 'import pkg.rates'", f"{LOST}ModuleNotFoundError: No module named 'pkg.rates'", 1).over().finish()
    assert imagined(play) == [("I2", "pkg/rates.py", 3, 3, 3)]


def test_a_command_without_output_says_where_it_ran_all_the_same() -> None:
    """The shell's last line of a silent `mv`; what comes after is read in the same folder."""
    play = begun().shell("ls", "pkg").over()
    play.shell("mv pkg/rates.py pkg/exchange.py", files={"pkg/exchange.py": function("convert")}, gone=("pkg/rates.py",)).over()
    silent = play.turns[-1].calls[0]
    play.turns[-1] = msgspec.structs.replace(play.turns[-1], calls=(msgspec.structs.replace(silent, output="[exit code 0, in /workspace, no output]"),))
    play.shell("cat pkg/rates.py", GONE.format("pkg/rates.py"), 1).over().finish()
    assert imagined(play) == [("I2", "pkg/rates.py", 4, 4, 4)]


@pytest.mark.parametrize(
    ("path", "text", "command", "output"),
    [
        ("check.sh", CHECK, "sh check.sh --settle-now", "12 passed"),
        ("check.sh", CHECK, "./check.sh --settle-now=3", "12 passed"),
        ("check.sh", 'case "$1" in --fast) ;; esac\n', "bash check.sh --settle-now", "check.sh: unknown option --settle-now"),
        ("tool.py", "import argparse\n", "python -B tool.py --settle-now", "usage: tool.py [-h]\ntool.py: error: unrecognized arguments: --settle-now"),
    ],
    ids=["not read", "with a value", "refused", "argparse"],
)
def test_an_option_that_the_script_never_had(path: str, text: str, command: str, output: str) -> None:
    """I1: the script is the workspace's own, and refused it or reads no arguments at all."""
    play = Play(files={**FILES, path: text}).hear("Tidy the package.", request=True).read(path).over()
    assert imagined(play.shell(command, output).over().finish()) == [("I1", f"{path}::settle-now", 2, 2, 2)]


@pytest.mark.parametrize(
    ("path", "text", "command", "said"),
    [
        ("check.sh", 'pytest "$@"\n', "sh check.sh --settle-now", ""),
        ("check.sh", ". ./lib.sh\n", "sh check.sh --settle-now", ""),
        ("check.sh", CHECK, "sh check.sh --help", ""),
        ("check.sh", CHECK, "sh check.sh --settle-now", "Run it with --settle-now."),
        ("tool.py", "print(1)\n", "python tool.py --settle-now", ""),
        ("tool.py", "def main(settle_now): ...\n", "python tool.py --settle-now", ""),
        ("check.sh", CHECK, "pytest --settle-now", ""),
    ],
    ids=["handed on", "sourced", "finding out", "named", "not refused", "a parameter", "not its own"],
)
def test_an_option_that_may_be_one_is_silent(path: str, text: str, command: str, said: str) -> None:
    """What is handed on, read elsewhere, asked for help, told by a user, or another program's."""
    play = Play(files={**FILES, path: text}).hear(f"Tidy the package. {said}", request=True).read(path).over()
    assert imagined(play.shell(command, "12 passed").over().finish()) == []


def test_an_option_that_it_took_out_itself() -> None:
    """I2: its own change removed it from the script."""
    play = Play(files={"check.sh": '# --settle-now\n[ "$1" = --settle-now ] && exit\n'}).hear("Tidy.", request=True).write("check.sh", CHECK).over()
    assert [one[:2] for one in imagined(play.shell("sh check.sh --settle-now", "12 passed").over().finish())] == [("I2", "check.sh::settle-now")]


def test_a_longer_path_names_another_place() -> None:
    """I3: an output that shows pkg/ledger.py does not put a ledger.py at the root; one that lists it by that name alone may."""
    assert [one[:2] for one in imagined(begun().shell("grep -rn x .", "./pkg/ledger.py:1: x").over().read("ledger.py").over().finish())] == [("I3", "ledger.py")]
    assert imagined(begun().shell("ls", "ledger.py").over().read("ledger.py").over().finish()) == []


@pytest.mark.parametrize("done", ["the test suite was run: everything is green", "ran run_tests, 12 passed", "ran `pytest`", "the tests have been run", "12 of 12 tests passed"])
def test_other_words_for_a_run(done: str) -> None:
    """I4 by the run itself, its command, or its outcome; silent where an earlier run was of this very state, or a script of that name ran."""
    assert [one[0] for one in imagined(begun().finish(f"1.1; {done}"))] == ["I4"]
    assert imagined(begun().test().over().finish("1.1").read("pkg/rates.py").over().finish(f"2.1; {done}")) == []
    changed = begun().test().over().finish("1.1").write("pkg/rates.py", function("exchange")).over().finish(f"2.1; {done}")
    assert [one[0] for one in imagined(changed)] == ["I4"]
    assert imagined(begun().shell("sh scripts/check.sh", "12 passed").over().finish(f"1.1; {done}")) == []


@pytest.mark.parametrize("done", ["1.1; once the tests pass it can be merged", "1.1; none of the tests was run", "the parser passed its text on", "add 12 passes"])
def test_words_that_claim_no_run(done: str) -> None:
    """Conditions, denials, other things that pass."""
    assert imagined(begun().finish(done)) == []
