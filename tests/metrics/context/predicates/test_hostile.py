"""Whatever bytes an agent leaves behind: nothing is raised, nothing is run, and a file that can't be read is told as such."""

from __future__ import annotations

import pytest

from harness.core import predicates
from harness.core.predicates import (
    Absent,
    Constant,
    Defines,
    Every,
    Exists,
    Holds,
    Longest,
    Named,
    Not,
    Says,
    Shuns,
    Silent,
    Some,
)
from harness.metrics.context.predicates.facts import Module
from harness.metrics.context.predicates.generated import ignoring
from harness.metrics.context.predicates.globs import within
from harness.metrics.context.predicates.judge import judged
from harness.metrics.context.predicates.modules import parsed
from harness.metrics.context.predicates.sources import Sources
from tests.metrics.context.predicates.shelf import Shelf, says

MANY = 100_000
UNREADABLE = {
    "parentheses": "(" * MANY + ")" * MANY, "minus": "-" * MANY + "1", "sum": "a" + "+a" * MANY, "attributes": "a" + ".b" * MANY, "calls": "a" + "()" * MANY,
    "elif": "if a:\n pass\n" + "elif a:\n pass\n" * 20_000, "lambda": "lambda:" * 50_000 + "1", "NUL": "x = 1\0", "not UTF-8": b"x = '\xff'", "two marks": b"\xef\xbb\xbf\xef\xbb\xbfx=1",
    "odd codec": b"# coding: punycode\nx = 1\n", "no codec": b"# coding: nonsense\nx = 1\n", "UTF-16": "x = 1\n".encode("utf-16"), "long": "x = 1\n" * MANY,
    "one line": "x = '" + "y" * 10_000_000 + "'", "digits": "x = " + "9" * 5_000, "tabs": "if 1:\n\tx\n        y\n",
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_does_not_parse_is_no_module_and_raises_nothing(name: str) -> None:
    """Depth, length, encoding: a demand is broken, a prohibition neither broken nor held, a negation not held."""
    words = UNREADABLE[name]
    files = {"pkg/a.py": words}
    demand = says(Defines("pkg/a.py", "x"), files)
    assert (demand.held, demand.breaches, demand.blind) == (False, {"pkg/a.py:x"}, {"pkg/a.py"})
    for ban in (Absent("old", ("pkg/*.py",)), Shuns("os", ("pkg/*.py",)), Named(("pkg/*.py",), "z")):
        told = says(ban, files)
        assert (told.held, told.breaches, told.blind) == (False, frozenset(), {"pkg/a.py"})
    assert says(Not(Defines("pkg/a.py", "x")), files).held is False
    says(Longest(("**",), 3), files)


READABLE = {
    "mark": b"\xef\xbb\xbfx = 1\n", "latin": b"# -*- coding: latin-1 -*-\nx = 1 # \xe9\n", "form feed": b"\x0cx = 1\n\x0c\n", "CRLF": b"x = 1\r\nif x:\r\n    y = 2\r\n",
    "match": b"match a:\n    case {'k': old, **rest}:\n        pass\n    case K(z=1) | [1, *more] as x: pass\nx = 1\n", "escape": b"import re\ny = '\\d'\nx = 1\n",
    "star": b"x = 1\ntry: pass\nexcept* ValueError as e: pass\n", "deep names": b"x = 1\n" + b"y" + b".z" * 500 + b"\n", "many": b"x = 1\n" + b"def f(): ...\n" * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("name", READABLE)
def test_what_python_reads_is_read(name: str) -> None:
    """Marks, coding lines, form feeds, line ends, match, groups of exceptions; warnings of the parser are nobody's."""
    assert says(Constant("a.py", "x", "1"), {"a.py": READABLE[name]}).held is True


def test_a_type_statement_defines_its_name_where_this_python_knows_it() -> None:
    """On an older Python it is a syntax error, as it is for the agent's own of that version."""
    module = parsed(b"type Alias[T] = list[T]\n")
    assert module is None or "Alias" in module.definitions


def test_long_lines_are_searched_to_a_bound() -> None:
    """Two thousand characters of a line, a megabyte of a file: an expression that backtracks ends."""
    assert says(Silent(("*",), r"needle"), {"a": "x" * 2500 + "needle"}).held is True
    assert says(Says(("*",), r"needle"), {"a": "x" * 1500 + "needle"}).held is True
    assert says(Says(("*",), r"x*y"), {"a": "x" * 10_000_000}).held is False


def test_links_are_no_files() -> None:
    """What a link leads to stands under its own path; the words of its target are no module."""

    class Linked(dict[str, str]):
        links = frozenset({"pkg/b.py"})

    class Shelves(Shelf):
        def files(self, tree: str) -> Linked:
            return Linked(super().files(tree))

    shelf = Shelves()
    tree = shelf.put({"pkg/a.py": "x = 1\n", "pkg/b.py": "x.old"})
    assert judged(Absent("old", ("pkg/*.py",)), tree, shelf.put({}), Sources(shelf)).held is True
    assert judged(Defines("pkg/b.py", "x"), tree, shelf.put({}), Sources(shelf)).held is False


def test_a_blob_is_read_once_and_only_what_differs_is_looked_at() -> None:
    """Two hundred trees of six hundred files with one change each: as many reads as there are blobs."""
    shelf = Shelf()
    files = {f"pkg/m{number}.py": f"def f{number}_op(): ...\n" for number in range(600)}
    trees = [shelf.put(files | {"pkg/m0.py": f"x = {turn}\ndef f_op(): ...\n"}) for turn in range(200)]
    base, sources = shelf.put({}), Sources(shelf)
    rules = (Named(("pkg/**/*.py",), r".*_op"), Absent("old", ("pkg/**/*.py",)), Shuns("json", ("pkg/**/*.py",)), Holds(("pkg/**/*.py",), "7"))
    held = [[judged(rule, tree, base, sources).held for rule in rules] for tree in trees]
    assert held == [[True, True, True, turn == 7] for turn in range(200)]
    assert shelf.read == 599 + 200


def test_tests_that_nobody_ran_decide_nothing_unless_parsing_has() -> None:
    """Unknown and false is false, unknown or true is true, the rest is unknown."""
    shelf = Shelf()
    tree = shelf.put({"a": ""})
    no = Defines("a", "b")
    base, ask, yes = shelf.put({"a": "x"}), predicates.Tested(("t::a",)), Exists("a")
    for known, every, some in ((None, None, True), (True, True, True), (False, False, True)):
        sources = Sources(shelf, {(tree, ("t::a",)): known})
        assert judged(Every((ask, yes)), tree, base, sources).held is every
        assert judged(Every((ask, no)), tree, base, sources).held is False
        assert judged(Some((ask, yes)), tree, base, sources).held is some
        assert judged(Some((ask, no)), tree, base, sources).held is known
        assert judged(Not(ask), tree, base, sources).held is (None if known is None else not known)


@pytest.mark.parametrize(("glob", "good", "bad"), [
    ("pkg/**/*.py", ("pkg/a.py", "pkg/b/c/a.py"), ("pkg/a.pyi", "xpkg/a.py", "pkg.py")), ("*.py", ("a.py",), ("b/a.py",)), ("**", ("a", "b/c"), ()),
    ("pkg/**", ("pkg/a", "pkg/b/c"), ("pkg", "pkgs/a")), ("a?[!x-z].md", ("abc.md",), ("abx.md", "a/c.md")), ("./a.b", ("a.b",), ("aab",)), ("[^a]", ("^", "a"), ("b",)),
])  # fmt: skip
def test_globs(glob: str, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    """A star stays in its folder, two go across, other signs stand for themselves."""
    assert [path for path in (*good, *bad) if within(path, (glob,))] == list(good)


CLASSES = {
    "a[z-a].txt": (("a[z-a].txt",), ("a", "az.txt", "aa.txt")), "src/[a-\\d].py": (("src/[a-\\d].py",), ("src/a.py", "src/5.py")), "[a-Z]*": (("[a-Z]q",), ("b",)),
    "[]": (("[]",), ("a", "")), "[!]": (("[!]",), ("a", "!")), "[!a-]": (("b",), ("a", "-")), "[-z]": (("-", "z"), ("b",)), "[!z-a]": (("[!z-a]",), ("b",)),
    "[[]": (("[",), ("a",)), "[\\]": (("\\",), ("a",)), "[&&~~||]": (("&", "~", "|"), ("a",)), "[a-c]?": (("b1",), ("d1",)), "[!!]": (("a",), ("!",)),
    "[.-0]": ((".", "/", "0"), ("1",)),
}  # fmt: skip


@pytest.mark.parametrize("glob", CLASSES)
def test_signs_in_brackets_stand_for_themselves(glob: str) -> None:
    """But a hyphen between two others; what is no class at all (from z to a, or nothing) is read as it is written, and nothing raises."""
    good, bad = CLASSES[glob]
    assert [path for path in (*good, *bad) if within(path, (glob,))] == list(good)


def test_folders_across_folders_are_one() -> None:
    """Any number of `**/` in a row is as good as one, and does not try every way to share the folders among them."""
    deep = "/".join("a" * 60)
    for count in (1, 2, 30):
        assert [path for path in ("b", "a/b", f"{deep}/b", deep) if within(path, ("**/" * count + "b",))] == ["b", "a/b", f"{deep}/b"]


def test_many_wildcards_end() -> None:
    """In a manifest's globs and in the repository's `.gitignore`: tried every way, each of these would take longer than anybody waits."""
    name = "pkg/" + "a" * 250 + ".py"
    assert [within(path, ("pkg/" + "*a" * 40 + "*.py",)) for path in (name, "pkg/a.py")] == [True, False]
    assert not within(name, ("pkg/" + "*a" * 40 + "b",))
    assert not within("a/" * 2000 + "x", ("**/a/" * 40 + "y",))
    left = ignoring(["*a" * 40 + "b", "*" + "?*" * 600, "!*a*a*a*.py"])
    assert [left(path) for path in (name, "b" * 250, "pkg/" + "a" * 40 + "b")] == [False, False, True]
    assert not ignoring(["*" + "?*" * 600])("b" * 700), "no line that somebody wrote"



def told(source: str) -> Module:
    """A module that is read."""
    module = parsed(source.encode())
    assert module is not None
    return module


GROWING = {
    "a row of itself": "a = [1]\n" + "a = [a, a]\n" * 21, "a table of itself": "a = {'k': 1}\n" + "a = {'k': a, 'l': a}\n" * 21,
    "a row and itself": "a = [0]\n" + "a = a + a\n" * 40, "one row deeper each time": "a = [1]\n" + "a = [a]\n" * 3000,
    "one set deeper each time": "a = {1}\n" + "a = {a}\n" * 3000, "a text and itself": "a = 'xy'\n" + "a = a + a\n" * 60,
    "a text in texts": "a = '" + "x" * 20_000 + "'\nb = f'" + "{a}" * 8 + "'\n", "two texts": "a = '" + "x" * 40_000 + "'\nb = a + a\n",
    "texts in a row": "a = '" + "x" * 50_000 + "'\nb = [" + "a, " * 2 + "]\n",
    "a number and itself": "a = 2\n" + "a = a * a\n" * 60, "one row in each line": "a = [" + "0, " * 20_000 + "]\n" + "b = [a]\n" * 300,
    "one more in each line": "a = [" + "0, " * 20_000 + "]\n" + "".join(f"b = a + [{number}]\n" for number in range(400)),
    "one text more in each line": "a = '" + "x" * 60_000 + "'\n" + "".join(f"b = a + '{number}'\n" for number in range(100)),
    "tables of texts": "a = '" + "x" * 9000 + "'\nb = {'k': [a, a], 'l': {'m': (a, a, a)}}\n",
}  # fmt: skip


@pytest.mark.parametrize("name", GROWING)
def test_literals_grow_to_a_bound(name: str) -> None:
    """However short the lines by which values double: what is kept of them is of a bounded size, and what grew beyond it is no literal."""
    module = told(GROWING[name])
    assert sum(map(len, module.literals)) < 1 << 22
    assert max(map(len, module.literals)) < 1 << 18
    assert [*module.definitions.values()][-1][-1].value is None


def test_what_is_folded_within_the_bounds_is_what_python_makes_of_it() -> None:
    """Names of names, sums of rows, texts of numbers; a power that is no real number is nothing, and so is one of too many digits."""
    lines = "A = [1, 2]\nB = A + [3]\nC = {'x': [1, (2, 3)], 4: None}\nD = 60 * 60\nE = f'{D}s'\nF = {3, 1}\nG = [A, A]\nH = (-8) ** 0.5\nI = 9 ** 99\nJ = [H]\nK = 1 << 999\n"
    module = told(lines)
    assert {name: found[-1].value for name, found in module.definitions.items()} == {
        "A": "[1,2]", "B": "[1,2,3]", "C": '{"4":null,"x":[1,[2,3]]}', "D": "3600", "E": '"3600s"', "F": "[1,3]", "G": "[[1,2],[1,2]]",
        "H": None, "I": None, "J": None, "K": None,
    }  # fmt: skip


LONG = f"0x{'f' * 20_000}"


@pytest.mark.parametrize("line", [f"a = {{{LONG}}}", f"a = {{({LONG}, 1)}}", f"a = {LONG}\nb = a * a\nc = a // 3\nd = -a", f"a = {{{LONG}: 1}}", f"a = f'{{{LONG}}}'"])
def test_a_number_that_python_would_not_write_blinds_nobody(line: str) -> None:
    """One of 24,000 digits, in a set, a sum, a key or a text: it is at most no literal, and the rest of its module is read."""
    assert says(Constant("a.py", "x", "1"), {"a.py": f"{line}\nx = 1\n"}).held is True


def test_a_module_offers_names_alone() -> None:
    """What else stands in its `__all__` is none, however many digits it has."""
    assert told(f"__all__ = ['a', {LONG}, None]\n__all__ += ['b']\n").offered == ("a", "b")


def test_nothing_is_reckoned_with_a_number_of_too_many_digits() -> None:
    """What the sum costs grows with the square of them, also where little comes of it."""
    module = told(f"a = {LONG}\nb = a - a\nc = a // a\nd = 7 // a\n")
    assert [found[-1].value for found in module.definitions.values()] == ["a longer number", None, None, None]


def test_many_names_of_one_row_are_written_once() -> None:
    """Each of two thousand targets has the row's one text for its value, not a text of its own."""
    module = told("".join(f"a{number} = " for number in range(2000)) + "[" + "0, " * 20_000 + "]\n" + "".join(f"b{number} = a0\n" for number in range(20)))
    assert len({id(found[-1].value) for found in module.definitions.values()}) == 1
