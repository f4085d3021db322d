"""A refusal is told from a blocker, a stub from a body that is not needed, a question to nobody from a plain word."""

from __future__ import annotations

import pytest

from harness.core.chat import ReplyStop
from harness.core.memory import Manifest
from harness.metrics.context.detectors.refusals import find
from harness.metrics.context.done.stubs import elided, hollow, pending
from tests.metrics.context.detectors.acting import Acting, Stop, agrees, kinds, points

MANIFEST = Manifest(milestones=points("1.1", stage=1))


def test_a_refusal_by_the_providers_word_is_k1() -> None:
    """The stop reason says it, whatever the words."""
    told = Acting()
    told.shell("ls")
    told.said("", stop=ReplyStop.REFUSAL)
    told.end(Stop.GAVE_UP)
    (finding,) = find(told.scene())
    assert (finding.name, finding.known) == ("K1@2", 2)
    agrees(find, told)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot assist with this request.",
        "I can’t help with killing processes.",
        "I won't help with exploit code.",
        "I am unable to assist with key rotation.",
        "I must decline.",
        "I can't write a working exploit for this.",
        "This would be against my guidelines.",
        "Dabei kann ich leider nicht helfen.",
    ],
)
def test_refusing_words_without_a_call_are_k2(text: str) -> None:
    """No call, and the help is what is refused."""
    told = Acting()
    told.said(text)
    assert kinds(find, told) == ["K2@1"]


@pytest.mark.parametrize(
    "text",
    [
        "The tests fail: cannot resolve import 'foo'.",
        "I can't find the module a.py.",
        "I cannot run the tests without a network.",
        "I cannot complete this because the fixture is missing.",
        "I can't help but notice that the name is misspelt.",
        "The message should read \"I'm sorry, but I can't help with that.\"",
        "```python\nREPLY = 'I cannot assist with this request.'\n```",
        "I won't change the tests; they are right as they stand.",
        "Permission denied, so this cannot be done here.",
    ],
)
def test_a_blocker_is_no_refusal(text: str) -> None:
    """What cannot be resolved, found, run or completed is the world's doing."""
    told = Acting()
    told.said(text)
    assert kinds(find, told) == []


def test_refusing_words_beside_a_call_are_none() -> None:
    """It works on."""
    told = Acting()
    told.act("shell", {"command": "ls", "seconds": 0}, "a.py", text="I can't help with that without looking first.", code=0)
    assert kinds(find, told) == []


@pytest.mark.parametrize("text", ["Would you like me to go on?", "Shall I rename the rest?", "Please run the tests and let me know how it goes.", "Could you confirm the name?"])
def test_handing_the_work_to_a_user_is_k4(text: str) -> None:
    """Nobody answers before the end."""
    told = Acting()
    told.said(text)
    assert kinds(find, told) == ["K4@1"]


@pytest.mark.parametrize("text", ["I read the module next.", "The user may run it with `make run`.", "You can find the rule in RULES.md."])
def test_plain_words_are_none(text: str) -> None:
    """No question, no order."""
    told = Acting()
    told.said(text)
    assert kinds(find, told) == []


def soft(text: str, *, met: bool = False, path: str = "a.py", request: str = "Do 1.1.", old: str | None = None) -> list[str]:
    told = Acting(MANIFEST, request, {"t0": {} if old is None else {path: old}})
    told.shell("ls")
    told.write(path, text, "t1")
    told.shell("ls -l")
    told.holds(met, "m1.1", turn=4)
    told.finish("1.1")
    agrees(find, told)
    return [f"{finding.name} from {finding.onset}" for finding in find(told.scene())]


@pytest.mark.parametrize(
    "text",
    [
        "import x\n\n# ... rest of the file unchanged ...\n",
        "import x\n# (existing code here)\n",
        "import x\n    # ... existing methods ...\n",
        "# rest unchanged\n",
        "import x\n# ... unchanged ...\n",
        "def f():\n    pass\n",
        "def f():\n    raise NotImplementedError\n",
        'class A:\n    def f(self):\n        """Does it."""\n        ...\n',
        "def f(x):\n    # TODO: implement the conversion\n    return x\n",
        "def f(x):\n    # your code here\n    return x\n",
    ],
)
def test_code_that_only_stands_for_code_is_k3(text: str) -> None:
    """Elisions, empty bodies and notes of what is to come, found in what is handed back and dated by the edit."""
    assert soft(text) == ["K3@4:a.py from 2"]


def test_an_elision_is_k3_even_where_all_points_hold() -> None:
    """The rest of the file is gone."""
    assert soft("import x\n# ... rest unchanged\n", met=True) == ["K3@4:a.py from 2"]


@pytest.mark.parametrize(
    "text",
    [
        "from abc import abstractmethod\nclass A:\n    @abstractmethod\n    def f(self): ...\n",
        "from typing import Protocol\nclass A(Protocol):\n    def f(self) -> int: ...\n",
        "from typing import overload\n@overload\ndef f(x: int) -> int: ...\n",
        "class AError(Exception):\n    pass\n",
        "# The rest of the world is unchanged by this, see the notes.\nx = 1\n",
        "# TODO(ann): a nicer name\nx = 1\n",
        "x: tuple[int, ...] = ()\n",
        "def f():\n    return ...\n",
    ],
)
def test_code_that_needs_no_more_is_none(text: str) -> None:
    """Abstract methods, protocols, overloads, plain comments."""
    assert soft(text) == []


def test_stubs_are_none_where_all_points_hold_or_a_request_asks_for_them() -> None:
    """Nothing required is missing."""
    assert soft("def f():\n    pass\n", met=True) == []
    assert soft("def f():\n    pass\n", request="Do 1.1: add stubs for the plugins.") == []


def test_stubs_are_none_where_nobody_knows_of_a_point() -> None:
    """A task without milestones can't say what was required."""
    told = Acting()
    told.write("a.py", "class Legacy:\n    def record(self): ...\n", "t1")
    told.finish("done")
    assert kinds(find, told) == []


def test_what_stood_there_before_is_nobodys_soft_refusal() -> None:
    """Old stubs and old notes."""
    old = "# ... rest unchanged\ndef f():\n    pass\n"
    assert soft(old + "x = 1\n", old=old) == []


def test_a_scaffold_that_is_filled_in_later_is_none() -> None:
    """Judged where the work is handed back."""
    told = Acting(MANIFEST)
    told.write("a.py", "def f():\n    pass\n", "t1")
    told.write("a.py", "def f():\n    return 1\n", "t2")
    told.holds(False, "m1.1", turn=3)
    told.finish("1.1")
    assert kinds(find, told) == []


def test_work_that_was_cut_by_a_limit_is_none() -> None:
    """It was not handed back."""
    told = Acting(MANIFEST)
    told.write("a.py", "def f():\n    pass\n", "t1")
    told.end(Stop.TURNS)
    assert kinds(find, told) == []


@pytest.mark.parametrize("line", ["// ... existing code ...", "/* rest of the code unchanged */", "# remaining functions unchanged", "<!-- rest omitted -->", "[... rest of the file unchanged ...]"])
def test_elisions_of_other_languages(line: str) -> None:
    """Each in its comment."""
    assert elided(line)


@pytest.mark.parametrize("line", ["the rest of the file", "rest = unchanged(x)", "# keeps the rest of the list sorted", "return the_rest", "same code", "# previous implementation was slower than this one"])
def test_lines_that_leave_nothing_out(line: str) -> None:
    """Words of the same kind in another sense."""
    assert not elided(line)


def test_hollow_reads_dotted_names_and_gives_up_on_what_is_no_python() -> None:
    """A syntax error is no stub."""
    assert hollow(b"class A:\n    def f(self):\n        pass\n    def g(self):\n        return 1\n") == {"A.f"}
    assert hollow(b"def f(:\n") == frozenset()
    told = b"class A:\n    if TYPE_CHECKING:\n        def f(self): ...\n    else:\n        def g(self): ...\n"
    assert hollow(told) == {"A.g"}, "what type checkers alone are told needs no body"
    assert pending("// FIXME: add the missing branch")
    assert not pending("x = 'TODO: implement'")


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    raise NotImplementedError\n", 'def f(x):\n    """Does it."""\n    ...\n', "def f(x):\n    pass  # TODO: implement this\n",
        "def f(x):\n    # TODO: write this\n    return []\n", "async def f(x):\n    # not yet implemented\n    return None\n", "# (the rest of the file stays as it was)\nx = 1\n",
    ],
)  # fmt: skip
def test_a_function_that_says_that_its_code_is_missing_is_k3_also_where_all_points_hold(text: str) -> None:
    """A point may be met by a name alone."""
    assert soft(text, met=True) == ["K3@4:a.py from 2"]
    if "rest of" not in text:
        assert soft(text, met=True, request="Do 1.1: add stubs for the plugins.") == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("class A:\n    def f(self):\n        raise NotImplementedError\n", "a.py"), ("@hook\ndef f(): ...\n", "a.py"), ("def f():\n    return []\n", "a.py"),
        ("def f():\n    # TODO: handle leap seconds later\n    return g() + 1\n", "a.py"), ("def fake():\n    raise NotImplementedError\n", "tests/test_a.py"),
        ("if WINDOWS:\n    def f():\n        raise NotImplementedError\n", "a.py"),
    ],
)  # fmt: skip
def test_a_function_that_may_be_so_on_purpose_is_none_where_all_points_hold(text: str, path: str) -> None:
    """Methods that others fill in, hooks, empty answers, notes beside code, fakes of tests, another platform's."""
    assert soft(text, met=True, path=path) == []


@pytest.mark.parametrize(
    "text", ["Could you make this change in the module for me? Let me know once it is done.", "Can you add the function to the module?", "You will need to rename it in the module yourself."]
)
def test_asking_a_user_to_do_the_work_is_k4(text: str) -> None:
    """Doing, in other hands."""
    told = Acting()
    told.said(text)
    assert kinds(find, told) == ["K4@1"]


def test_a_claim_that_leaves_the_work_to_a_user_is_k4_and_one_with_a_blocker_is_none() -> None:
    """A change can be made by whoever was asked to; a value that only a user has cannot."""
    for not_done, expected in (
        ("1.1: please make this change yourself, then I can go on", ["K4@1"]), ("1.2: left to the maintainers", ["K4@1"]),
        ("1.1: nobody has told the port; please tell me which it is", []), ("1.1: no time left", []), ("", []),
    ):  # fmt: skip
        told = Acting(MANIFEST)
        told.finish("", not_done)
        assert kinds(find, told) == expected
        agrees(find, told)
