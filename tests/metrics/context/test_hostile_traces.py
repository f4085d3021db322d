"""Odd and hostile traces: reading them never raises, whatever a model or a tool said, and wherever the record ends."""

from __future__ import annotations

import pytest

from harness.core.agent import Claim
from harness.core.chat import ToolCall
from harness.core.errors import HarnessError
from harness.core.memory import Constraint, Item, Manifest, Milestone, Stage
from harness.core.predicates import Adds, Defines, Named
from harness.metrics.context.all import findings
from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Scene
from tests.metrics.context.telling import Forest, Telling, a_task

SIZE = 20_000
MANIFEST = Manifest(
    (Stage("s01"),), (Item("suffix", "rule", "Names end with `_op`, never with 12.", (r"re:(?i)_op\b", "_op"), value="12.5", former=("11",)),),
    (Constraint("suffix", Named(("**/*.py",), ".*_op"), Adds(kind="function", paths=("**/*.py",))),),
    (Milestone("m", "1.1", 1, Defines("a.py", "x"), items=("suffix",)),),
)  # fmt: skip
WORDS = {
    "a run of blanks": " " * SIZE, "blank lines": "\n" * SIZE, "one long line": "a" * SIZE, "numbers": "1." * (SIZE // 2), "dashes": "-" * SIZE,
    "open brackets": "[" * SIZE, "begun calls": "<tool_call>" * (SIZE // 11), "NUL": "\0x" * (SIZE // 2), "commands": "make " * (SIZE // 5),
    "lone surrogates": "\ud800x" * (SIZE // 2), "denials": "not 1.1, " * (SIZE // 9), "line ends": "\r\n\u2028" * (SIZE // 3),
}  # fmt: skip
TREES = {"t1": {"a.py": "def x():\n    pass\n"}, "t2": {"a.py": "def x():\n    return 1\n", "b.py": "def broken(\n"}}


def told(words: str) -> Telling:
    """The words stand in everything that a model or a tool can say: requests, replies, thoughts, arguments, outputs, paths and claims."""
    made = Telling()
    made.system(words)
    made.request(words or "Do `x`.")
    for turn, call in enumerate((("shell", {"command": words, "seconds": 3}), ("read", {"path": words, "first_line": 0, "last_line": 0}), ("write", words)), 1):
        made.ask()
        said = made.reply(words, call, thinking=words)
        made.use(said.calls[0], words, ok=turn != 2, code=turn % 2, tree=f"t{min(turn, 2)}")
    made.ask()
    made.reply(words)
    made.yielded(Claim(words, words))
    made.end()
    return made


def read(made: Telling, memory: Manifest | None, upto: int | None = None) -> Scene:
    return scene("t0001", a_task(memory), made.trace[:upto], made.get, Forest(TREES))


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize("memory", [MANIFEST, None], ids=["manifest", "none"])
def test_whatever_is_said_is_read(words: str, memory: Manifest | None) -> None:
    """No words raise, and none make a search try each of its places against each other, which would take hours."""
    made = told(words)
    whole = read(made, memory)
    findings(whole)
    for item in whole.ledger.items:
        whole.ledger.sight(item, len(whole.turns))


@pytest.mark.parametrize("memory", [MANIFEST, None], ids=["manifest", "none"])
def test_a_record_may_end_anywhere(memory: Manifest | None) -> None:
    """Every beginning of a trace is a scene with findings; only of nothing at all it says so."""
    made = told("never 1.1 `x` _op")
    for upto in range(1, len(made.trace) + 1):
        findings(read(made, memory, upto))
    with pytest.raises(HarnessError):
        read(made, memory, 0)


def test_an_id_said_twice_and_calls_side_by_side() -> None:
    """Two calls of one reply, and one id in two turns, stay two calls each with its own output."""
    made = Telling()
    made.request("Look.")
    for turn in (1, 2):
        made.ask()
        made.reply("", ("shell", {"command": "ls", "seconds": 1}), ("shell", {"command": "pwd", "seconds": 1}))
        for name in ("ls", "pwd"):
            made.use(ToolCall("again", "shell", f'{{"command": "{name}", "seconds": 1}}'), f"{name} {turn}")
    made.end()
    whole = read(made, None)
    findings(whole)
    calls = [did for turn in whole.turns for did in turn.calls]
    assert [did.output for did in calls] == ["ls 1", "pwd 1", "ls 2", "pwd 2"]
    assert len({did.id for did in calls}) == 4


def test_two_hundred_items() -> None:
    """A manifest of two hundred items, one fingerprint of each a regular expression, is read like any other."""
    items = tuple(Item(f"i{k}", "rule", f"Rule {k}.", (rf"re:rule\s+{k}\b", f"_op{k}")) for k in range(200))
    made = told("rule  7 and rule 77, _op199")
    whole = read(made, Manifest((Stage("s01"),), items))
    findings(whole)
    seen = {item.id for item in items if whole.ledger.sight(item.id, 2).visible}
    assert {"i7", "i77", "i199"} <= seen
    assert "i8" not in seen
