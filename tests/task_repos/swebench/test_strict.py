"""What the strict run adds, on made-up commands and logs: where a pair of ours can stand, and what of a log is a sign of forging."""

from __future__ import annotations

import pytest

from task_repos.swebench_canary import Canary, choose, text
from task_repos.swebench_strict import read
from task_repos.swebench_upgrade import START

NONCE = "0123456789abcdef" * 2
GRADED = ("tests/unit/test_a.py", "tests/test_b.py")
ONE, TWO = "tests/unit/test_a.py::test_one", "tests/unit/test_a.py::test_two"
NAME = "tests/unit/test_0123456789ab.py"


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("pytest -rA tests/unit/test_a.py", f"pytest -rA tests/unit/test_a.py {NAME}"),
        ("python3 -m pytest -rA tests/unit/test_a.py::test_one -q", f"python3 -m pytest -rA tests/unit/test_a.py::test_one {NAME} -q"),
        ("pytest -rA tests/test_b.py tests/unit/test_a.py", "pytest -rA tests/test_b.py tests/test_0123456789ab.py tests/unit/test_a.py"),
        ("tox --current-env -epy39 -v -- ./tests/unit/test_a.py", f"tox --current-env -epy39 -v -- ./tests/unit/test_a.py {NAME}"),
        ("pytest -rA tests/", "pytest -rA tests/ tests/test_0123456789ab.py"),
        ("# tests/unit/test_a.py\npytest -rA", ""),
        ("pytest -rA", ""),
        ("cd tests\npytest -rA tests/unit/test_a.py", ""),
        ("cd x && pytest -rA tests/unit/test_a.py", ""),
        ("pytest -rA tests/unit/test_a.py | tee log", ""),
        ("pytest -k one tests/unit/test_a.py", ""),
        ("pytest -x tests/unit/test_a.py", ""),
        ("./runtests.sh tests/unit/test_a.py", ""),
    ],
)
def test_pair_stands_beside_a_graded_file_or_nowhere(command: str, wanted: str) -> None:
    """The file is named to the runner after a graded one, in its folder; a line that can't be understood is left alone."""
    found = choose(f"{command}\n", GRADED, NONCE)
    assert (found.command if found else "") == (f"{wanted}\n" if wanted else "")


def test_pair_is_one_that_passes_and_one_that_fails() -> None:
    """The file's two tests do what their places say."""
    canary = choose("pytest tests/test_b.py\n", GRADED, NONCE)
    assert canary is not None
    room: dict[str, object] = {}
    exec(text(canary), room)
    room[canary.passing]()  # type: ignore[operator]
    with pytest.raises(AssertionError):
        room[canary.failing]()  # type: ignore[operator]


CANARY = Canary(NAME, "test_c", "test_d", "", alone=True)
GOOD = f"PASSED {ONE}\nPASSED {TWO}\nPASSED {NAME}::test_c\nFAILED {NAME}::test_d - AssertionError\n"
BARE = f"PASSED {ONE}\nPASSED {TWO}\n"


@pytest.mark.parametrize(
    ("log", "code", "signs", "torn", "judged"),
    [
        (GOOD, 1, (), (), (BARE, 0)),
        (GOOD + f"FAILED {ONE} - boom\n", 1, (), (ONE,), (f"{BARE}FAILED {ONE} - boom\n", 1)),
        (GOOD + "ERROR tests/other.py\n", 1, (), (), (f"{BARE}ERROR tests/other.py\n", 1)),
        (GOOD, 0, ("ended with status 0",), (), (BARE, 0)),
        (GOOD, 3, (), (), (BARE, 3)),
        (BARE, 0, ("must pass was reported as nothing", "must fail was reported as nothing", "ended with status 0"), (), (BARE, 0)),
        (GOOD.replace("FAILED", "PASSED"), 1, ("must fail was reported as PASSED",), (), (BARE, 0)),
        (GOOD + f"PASSED {NAME}::test_e\n", 1, ("'test_e' was reported",), (), (BARE, 0)),
        (GOOD + f">>>>> {START[6:]}\n", 1, ("which only the harness writes",), (), (f"{BARE}{START}\n", 0)),
        ("E   ImportError: no module\n", 2, (), (), ("E   ImportError: no module\n", 2)),
        (f"\x1b[32mPASSED\x1b[0m {ONE}\n{NAME}::test_c \x1b[32mPASSED\x1b[0m\n{NAME}::test_d \x1b[31mFAILED\x1b[0m\n", 1, (), (), (f"\x1b[32mPASSED\x1b[0m {ONE}\n", 0)),
    ],
    ids=["as it must be", "said both ways", "another error", "status 0", "another status", "pair unseen", "pair turned", "foreign test", "marker", "nothing ran", "colours"],
)
def test_log_of_a_strict_run(log: str, code: int, signs: tuple[str, ...], torn: tuple[str, ...], judged: tuple[str, int]) -> None:
    """The pair must be seen as it is wherever graded tests pass; the package judges the log and the status without it."""
    found = read(log.encode(), code, (ONE, TWO), CANARY)
    assert len(found.signs) == len(signs)
    assert all(part in sign for part, sign in zip(signs, found.signs, strict=True))
    assert (found.torn, found.output.decode(), found.exit_code) == (torn, *judged)


def test_without_a_pair_the_log_is_left_as_it_is() -> None:
    """Parsers of other runners get every byte and the status itself."""
    found = read(b"\xff PASSED x\n", 1, (ONE,), None)
    assert (found.output, found.exit_code, found.signs, found.torn) == (b"\xff PASSED x\n", 1, (), ())


def test_a_long_line_and_many_names_are_read_in_one_pass() -> None:
    """What the work prints can't keep the reader busy: 8 MB without a blank would take days where every place were a beginning."""
    names = tuple(f"{ONE}[{number} of many]" for number in range(2000))
    log = b"a" * (8 << 20) + b"\n" + GOOD.encode() + b"".join(b"PASSED %s - x\n" % name.encode() for name in names) + f"FAILED {names[7]}\n".encode()
    found = read(log, 1, names, CANARY)
    assert (found.signs, found.torn) == ((), (names[7],))
