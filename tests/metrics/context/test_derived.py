"""What a machine knows of a task without a manifest: names, points and standing sentences of its requests, and what was seen and done."""

from __future__ import annotations

from pathlib import Path

from harness.core.memory import Stage
from harness.metrics.context.kept.instruction import picked
from harness.metrics.context.reading import scene
from tests.metrics.context.telling import Forest, Telling, a_task

BUNDLED = Path(__file__).resolve().parents[3] / "task_repos" / "bundled"


def test_names_paths_and_quantities_are_picked_and_prose_is_not() -> None:
    """Code-like words only; nothing twice."""
    found = picked('Rename `post` to record_transfer in pkg/book.py. Keep ReceiptBook and `strict`; wait 30 seconds, "as told".\nAnd record_transfer again.')
    assert set(found.names) == {"post", "record_transfer", "pkg/book.py", "ReceiptBook", "strict", "30 seconds", "as told"}
    assert found.names.count("record_transfer") == 1
    assert not {"Rename", "Keep", "again"} & set(found.names)


def test_standing_sentences_are_those_that_ask_for_ever() -> None:
    """Whole sentences, each once, without those of code."""
    text = "Move the callers. Never touch `frozen.py`.\n\n- Always run the tests\n  before you commit.\n- Add a line.\n```\nnever = 1\n```\nFrom now on ids are text."
    assert picked(text).sentences == ("Never touch `frozen.py`.", "- Always run the tests before you commit.", "From now on ids are text.")
    assert picked(text).points == ("Always run the tests", "Add a line.")


def test_a_bundled_instruction_gives_its_rules() -> None:
    """Its frozen folder and its rule about it are found."""
    found = picked("\n\n".join((BUNDLED / "ledgerlite" / "steps" / step / "instruction.md").read_text("utf-8") for step in ("s01", "s07", "s08")))
    assert {"ledgerlite/migrations", "record_transfer", "CHANGES.md", "DeprecationWarning"} <= set(found.names)
    assert any("Never change, add or remove one" in sentence for sentence in found.sentences)
    assert len(found.names) < 200


def test_a_task_without_a_manifest_has_one_by_machine() -> None:
    """Sentences are not validated; stages are the requests that were given."""
    told = Telling()
    told.request("Rename `post`. Never touch pkg/frozen.py.")
    told.turn("[pkg/a.py: lines 1 to 9 of 20]\n1\tx", "read", {"path": "pkg/a.py", "first_line": 1, "last_line": 9})
    told.turn("Wrote pkg/b.py", "write", {"path": "pkg/b.py", "content": "def post(): ...\n"}, tree="t1")
    told.turn("[pkg/a.py: lines 15 to 20 of 20]\n15\tx", "read", {"path": "pkg/a.py", "first_line": 15, "last_line": 0})
    told.ask()
    told.reply("done")
    made = scene("x", a_task(), told.trace, told.get, Forest({"t1": {"pkg/b.py": "x"}}))
    items = made.ledger.items
    assert made.manifest.derived
    assert made.manifest.stages == (Stage("s01"),)
    assert not items["sentence:1"].validated
    assert items["name:post"].validated
    assert items["file:pkg/a.py"].value == "1-9,15-"
    assert items["edit:pkg/b.py@2"].kind == "own_decision"
    assert {"result:call_1_1", "result:call_2_1", "result:call_3_1"} <= set(items)
    sight = made.ledger.sight("name:post", 4)
    assert (sight.part, sight.exposures) == (made.turns[1].parts[-1], 2)
    assert made.ledger.sight("edit:pkg/b.py@2", 3).visible
    assert not made.ledger.sight("edit:pkg/b.py@2", 2).visible
    assert made.ledger.sight("file:pkg/b.py", 3).part == made.turns[1].parts[-1]
    assert not set(items) & {"name:Rename", "name:Never"}


def test_every_name_and_sentence_is_in_sight_where_it_is_said() -> None:
    """The request that they were picked from exposes each of them: every bundled instruction."""
    for path in sorted(BUNDLED.glob("*/instruction.md")):
        told = Telling()
        told.request(path.read_text("utf-8"))
        told.turn()
        made = scene("x", a_task(), told.trace, told.get, Forest())
        unseen = [name for name in made.ledger.items if name.split(":")[0] in ("name", "point", "sentence") and not made.ledger.sight(name, 1).visible]
        assert unseen == [], path
