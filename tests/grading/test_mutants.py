"""Twins of test files: right solutions fail them, those that only pretend don't, and nothing but expectations changes."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import unittest
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.task import CopiedFile
from harness.grading.mutants import KINDS, mutate, safe

HEAD = """import asyncio
import contextlib
import unittest
import unittest.mock

import pytest

CASES = [(1, 2), (2, 3)]
WANTED = {"a": [1]}


def given(name="Ann"):
    return name


"""
"""What every body below may use; `f` is handed in."""

BODIES = {
    "assert f(1) == 2": "constant",
    "assert f(1) == 2, 'why'": "constant",
    "assert 2 == f(1)": "constant",
    "assert (\n        f(1)\n        == 2\n    )": "constant",
    "assert [f(1)] == [2, *()]": "constant",
    "assert {'k': f(1), 'e': []} == {'k': 2, 'e': []}": "constant",
    "assert {f(1)} == {2}": "constant",
    "assert f([]) == []": "constant",
    "assert f({}) == {}": "constant",
    "assert f(()) == ()": "constant",
    "assert f('') == ''": "constant",
    "assert f('a\\n-') == 'a\\n-'": "constant",
    "assert f(b'x') == b'x'": "constant",
    "assert f(-1.5) == -1.5": "constant",
    "assert f(None) is None": "constant",
    "assert f(True) is True": "constant",
    "assert f('abc') in ('abc', 'b')": "constant",
    "assert 'b' in f('abc')": "constant",
    "out = f('abc')\n    assert 'b' in out": "constant",
    "want = [1, 'b']\n    got = f([1, 'b'])\n    assert got == want": "constant",
    "want = given()\n    assert f('Ann') == want": "wrapped",
    "assert f('Ann') == given()": "wrapped",
    "assert f({'a': [1]}) == WANTED": "wrapped",
    "assert f(1) == pytest.approx(2, abs=1e9)": "wrapped",
    "assert f(10**400) == 10**400": "wrapped",
    "for a, b in CASES:\n        assert f(a) == b": "wrapped",
    "if f(1):\n        assert f(1) == 2\n        return\n    assert f(3)": "constant",
    "with pytest.raises(ValueError, match='no'):\n        f('no')": "exception",
    "with pytest.raises((KeyError, ValueError)) as info:\n        f('no')\n    assert 'no' in str(info.value)": "constant",
    "pytest.raises(ValueError, f, 'no')": "exception",
    "with pytest.warns(UserWarning):\n        f('warn')": "exception",
    "case = unittest.TestCase()\n    case.assertEqual(f(1), 2)": "constant",
    "case = unittest.TestCase()\n    case.assertAlmostEqual(f(1), 2, places=3)": "wrapped",
    "case = unittest.TestCase()\n    case.assertTrue(f(1))": "negated",
    "case = unittest.TestCase()\n    case.assertIn('b', f('abc'))": "constant",
    "case = unittest.TestCase()\n    case.assertCountEqual(f([]), [])": "wrapped",
    "case = unittest.TestCase()\n    with case.assertRaises(ValueError):\n        f('no')": "exception",
    "heard = unittest.mock.Mock()\n    heard(f(1))\n    heard.assert_called_once_with(2)": "constant",
    "heard = unittest.mock.Mock()\n    heard()\n    heard.assert_called_once()": "negated",
    "assert f(1)": "negated",
    "assert not f(0) - 1": "negated",
    "assert f(1) > 1": "negated",
    "assert f(1) != 1": "negated",
    "assert f(1) > 0 and f(2) == 3": "constant",
    "assert 0 < f(1) < 3": "negated",
    "assert isinstance(f(1), int)": "negated",
    "f(1)": "closing",
    "got = f(1)\n    check = str(got)": "closing",
    "try:\n        assert f(1) == 3\n    except AssertionError:\n        pass": "constant",
    "try:\n        assert f(1) == 2\n    except AssertionError:\n        pass": "constant",
    "want = 2\n    def inner(want):\n        assert f(1) == want\n    inner(2)": "wrapped",
    "async def inner():\n        assert f(1) == 2\n    asyncio.run(inner())": "constant",
    "for a, b in CASES:\n        with pytest.raises(ValueError):\n            f('no')": "exception",
    "with contextlib.suppress(AssertionError):\n        assert f(1) == 3": "closing",
    "with pytest.raises(AssertionError):\n        assert f(1) == 3": "exception",
    "def inner():\n        assert f(1) == 3": "constant",
    "return f(1)": "closing",
    "if f(1): return": "closing",
    '"""Only words."""': "closing",
    "while True:\n        assert f(1) == 2\n        break": "constant",
    "match f(1):\n        case 2:\n            assert f(2) == 3": "constant",
}
EQUAL_TO_ALL = ("constant", "wrapped")


def honest(value: object) -> object:
    """One more than a number; other values as they are; an error for no."""
    if value == "no":
        raise ValueError(value)
    if value == "warn":
        warnings.warn("so", stacklevel=1)
    return value + 1 if type(value) is int and value < 10**9 else value


class EqualToAll:
    """A result that pretends."""

    def __eq__(self, other: object) -> bool:
        return True

    def __contains__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def run(data: bytes, f: object, name: str = "test_it") -> None:
    """The test of this name, as a runner would call it."""
    space: dict[str, object] = {"f": f}
    exec(compile(data, "tests/test_it.py", "exec"), space)
    test = space[name]
    done = test()  # type: ignore[operator]
    if inspect.isawaitable(done):
        asyncio.run(_awaited(done))


async def _awaited(done: object) -> None:
    await done  # type: ignore[misc]


def twin(text: str, nonce: str = "n", *ids: str) -> tuple[bytes, dict[str, str]]:
    made = mutate((CopiedFile("tests/test_it.py", text.encode()),), ids or ("tests/test_it.py::test_it",), nonce)
    return made.files[0].data, dict(made.kinds)


@pytest.mark.parametrize("nonce", ["a", "b"])
@pytest.mark.parametrize(("body", "kind"), BODIES.items())
def test_a_right_solution_fails_the_twin_of_what_it_passes(body: str, kind: str, nonce: str) -> None:
    """Every way to expect has a twin of the named kind that honest code must fail; the file differs only where it expects."""
    text = f"{HEAD}def test_it():\n    {body}\n"
    run(text.encode(), honest)
    data, kinds = twin(text, nonce)
    assert kinds["tests/test_it.py::test_it"] in (kind, "twice")
    assert kind in EQUAL_TO_ALL or kind in kinds.values()
    with pytest.raises((Exception, pytest.fail.Exception)):
        run(data, honest)
    assert data.decode().startswith(HEAD)


def test_what_equals_everything_passes_the_twin() -> None:
    """Whoever passed the original by being equal to anything passes its twin where an equality or a membership changed."""
    fooled = [body for body, kind in BODIES.items() if kind in EQUAL_TO_ALL and _passes(f"{HEAD}def test_it():\n    {body}\n".encode())]
    missed = [body for body in fooled if not _passes(twin(f"{HEAD}def test_it():\n    {body}\n")[0])]
    assert len(fooled) > 20
    assert not [body for body in missed if "assert_called" not in body and not body.startswith("def inner")]


def _passes(data: bytes) -> bool:
    try:
        run(data, lambda value: EqualToAll())
    except (Exception, pytest.fail.Exception):  # noqa: BLE001  an assertion, or whatever a pretender runs into
        return False
    return True


def test_a_parameter_changes_where_a_frame_would_show_it() -> None:
    """Who reads the expected value of a parametrised test from its frame reads the changed one, and so passes the twin."""
    text = "def test_it(given=1, expected=2):\n    '''Doc.'''\n    assert f(given) == expected\n"
    data, _ = twin(text)
    run(text.encode(), lambda value: inspect.currentframe().f_back.f_locals["expected"])  # type: ignore[union-attr]
    run(data, lambda value: inspect.currentframe().f_back.f_locals["expected"])  # type: ignore[union-attr]
    with pytest.raises(AssertionError):
        run(data, honest)


def test_who_pretends_now_and_then_is_left_undecided() -> None:
    """Of two equalities one asks for the old value as well: a wrong result, which would fail any twin, is told there from a right one."""
    text = "def test_it():\n    assert f(1) == 2\n\n\ndef test_other(want=2):\n    assert want == f(1)\n"
    ids = ("tests/test_it.py::test_it", "tests/test_it.py::test_other")
    data, kinds = twin(text, "n", *ids)
    assert sorted(kind == "twice" for kind in kinds.values()) == [False, True]
    for ident, kind in kinds.items():
        name = ident.rpartition(":")[2]
        with pytest.raises(unittest.SkipTest if kind == "twice" else AssertionError):
            run(data, lambda value: 3000, name)
        with pytest.raises(AssertionError):
            run(data, honest, name)
        run(data, lambda value: EqualToAll(), name)


def test_a_value_used_twice_is_changed_in_the_comparison_alone() -> None:
    """Where the expected value is also given to the code, it arrives there unchanged: what returns it as it came must still fail."""
    text = "def test_it(value='x'):\n    assert f(value) == value\n"
    data, _ = twin(text)
    with pytest.raises(AssertionError):
        run(data, honest)


def test_classes_parameters_and_async_tests_are_found_by_their_ids() -> None:
    """Ids with classes, parameters and colons in them; a method of a base class counts for each that inherits it."""
    text = (
        "class Above:\n    def test_m(self):\n        assert f(1) == 2\n\n\nclass TestIt(Above):\n    class TestIn:\n"
        "        async def test_a(self): assert f(1) == 2\n\n\nasync def test_it():\n    assert f(1) == 2\n"
    )
    ids = [f"tests/test_it.py::{name}" for name in ("TestIt::test_m[a::b]", "TestIt::TestIn::test_a", "test_it[x]", "test_it[y]", "test_none")]
    data, kinds = twin(text, "n", *ids)
    assert list(kinds) == ids[:4]
    assert set(kinds.values()) == {"constant", "twice"}
    assert data.count(b"assert f(1) == 2") == 0
    with pytest.raises(AssertionError):
        run(data, honest)


@pytest.mark.parametrize(
    "data",
    [b"def test_it(:\n", b"\xff\xfe\n", b"# coding: no-such\ndef test_it():\n    assert 1 == 1\n", b"def test_it():\n    yield 1\n", b"x = 1\n\0"],
)
def test_what_is_no_python_stays_as_it_is(data: bytes) -> None:
    """A file that can't be read, or a test that yields, is left alone, and none of its ids is demanded."""
    file = CopiedFile("tests/test_it.py", data, 0o755)
    assert mutate((file,), ("tests/test_it.py::test_it", "elsewhere.py::test_it"), "n").files == (file,)
    assert mutate((file,), ("tests/test_it.py::test_it",), "n").kinds == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_bytes_that_expect_nothing_stay(encoding: str, ending: str) -> None:
    """Encodings, line ends, comments, form feeds and imports of the future are kept; only the changed lines differ."""
    lines = ["# -*- coding: latin-1 -*-" if encoding == "latin-1" else "# plain", "from __future__ import annotations", "", "", "é = 'ü\f'"]
    lines += ["", "\f", "def test_it():  # why", "    é = f('ü')", "    assert é == 'ü'  # so", ""]
    file = CopiedFile("tests/test_it.py", ending.join(lines).encode(encoding), 0o755)
    made = mutate((file,), ("tests/test_it.py::test_it",), "n")
    before, after = file.data.split(b"\n"), made.files[0].data.split(b"\n")
    assert [index for index, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]][:1] == [9]
    assert after[10:11] in ([b""], [b"\r"])
    assert made.files[0].mode == 0o755
    assert made.kinds[0][1] in ("constant", "twice")
    with pytest.raises(AssertionError):
        run(made.files[0].data, honest)


def test_values_come_from_the_nonce_and_say_nothing() -> None:
    """Two nonces give two files of the same kinds, one nonce always the same; no word in them tells what they are."""
    text = HEAD + "".join(f"def test_{index}():\n    {body}\n\n\n" for index, body in enumerate(BODIES))
    ids = [f"tests/test_it.py::test_{index}" for index in range(len(BODIES))]
    one, other = twin(text, "one", *ids), twin(text, "other", *ids)
    assert one == twin(text, "one", *ids)
    assert one[0] != other[0]
    assert one[1] == other[1]
    assert set(one[1]) == set(ids)
    assert not re.search(rb"twin|mutant|mutat|canary|longhaul|harness|nonce", one[0])


def test_only_certain_kinds_are_demanded_unseen() -> None:
    """A negated condition can be met by right code (an order may be partial), and an old value may come no more: these need an oracle's word."""
    assert [kind for kind in KINDS if not safe(kind)] == ["twice", "negated"]


names = st.sampled_from(["test_a", "test_b", "test_c"])
statements = st.sampled_from([body for body in BODIES if "return" not in body])
headers = st.sampled_from(["def {}():", "async def {}():", "@decorated(1,\n    b=2)\ndef {}(a, *, expected=3) -> None:", "def {}(\n    a,\n):"])
blocks = st.sampled_from(["{}", "if x:\n        {}", "for x in y:\n        {}", "with z as x:\n        {}", "try:\n        {}\n    finally:\n        return"])


@st.composite
def functions(draw: st.DrawFn) -> str:
    bodies = draw(st.lists(st.tuples(blocks, statements), min_size=1, max_size=3))
    inner = "\n    ".join(block.format(body.replace("\n", "\n    ") if block != "{}" else body) for block, body in bodies)
    return f"{draw(headers).format(draw(names))}\n    {inner}\n"


@given(st.lists(functions(), min_size=1, max_size=4), st.booleans(), st.text(max_size=5))
def test_every_twin_compiles_and_defines_the_same(found: list[str], ends: bool, nonce: str) -> None:
    """Whatever functions a file is made of: the twin compiles, defines the same names in the same order, and each id asked for has a kind."""
    text = (HEAD + "\n\n".join(found)).rstrip("\n") + "\n" * ends
    ids = [f"tests/test_it.py::{name}" for name in sorted(set(re.findall(r"def (test_\w)", text)))]
    data, kinds = twin(text, nonce, *ids)
    compile(data, "twin", "exec")
    assert set(kinds) == set(ids)
    assert set(kinds.values()) <= set(KINDS)
    shapes = [[(type(node), getattr(node, "name", "")) for node in ast.parse(each).body] for each in (text, data)]
    assert shapes[1][: len(shapes[0])] == shapes[0]
    assert len(shapes[1]) - len(shapes[0]) in (0, 2)
