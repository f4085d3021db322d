"""The words of `longhaul mine`, and how a mined draft is accepted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.mine import between, day
from task_repos.mine_manifest import Examined, Mined, Reason, load, save
from tests.end_to_end.tiny import write_task

Inside = Callable[..., tuple[int, str, str]]


@pytest.fixture
def mined(tmp_path: Path) -> Path:
    """A folder as mining leaves it: one task and one rejection."""
    folder = tmp_path / "mined"
    write_task(folder)
    made = Examined("commit:a..b", "commit", "Add", "2026-01-01", 3, 1.0, kind="behaviour", task="tiny")
    save(folder, Mined(changes=(made, Examined("commit:b..c", "commit", "Say", "2026-01-02", 0, 0.0, reason=Reason.NO_PYTHON))))
    return folder


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("p", "--range", "main"), "--range"), (("p", "--range", "a...b"), "--range"), (("p", "--since", "soon"), "--since"), ((), "REPO"),
        (("p", "--releases", "a-1.tar.gz", "a-2.tar.gz"), "REPO"), (("p", "--test", "make"), "--test"), (("p", "--limit", "0"), "--limit"),
    ],
)  # fmt: skip
def test_wrong_words_are_one_sentence(words: tuple[str, ...], field: str, inside: Inside, tmp_path: Path) -> None:
    """They name the option; nothing is written."""
    code, out, err = inside("mine", *words, "--to", str(tmp_path / "to"))
    assert (code, out) == (2, "")
    assert f"{field}: found" in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "to").exists()


def test_words_are_read() -> None:
    """Ends of a range, and the beginning of a day."""
    assert between("v1.0..HEAD~2") == ("v1.0", "HEAD~2")
    assert between("") == ("", "HEAD")
    assert day("1970-01-02") == 86_400


def test_a_draft_is_shown_and_accepted(mined: Path, inside: Inside) -> None:
    """The list says draft until the text that was shown is accepted, with its day and digest; an edited text is a draft again."""
    source = f"mined:{mined}"
    code, out, _ = inside("tasks", source, "--json")
    assert (code, json.loads(out)["tasks"][0]["draft"]) == (0, True)
    assert "1 draft that nobody has accepted yet" in inside("tasks", source)[1]
    code, out, err = inside("tasks", source, "--accept", "tiny")
    assert code == 0, err
    assert str(mined / "tiny" / "instruction.md") in out
    assert "Make it add, and leave `sub` as it is." in out
    noted = load(mined).tasks[0].accepted
    assert noted is not None
    assert noted.digest.startswith("sha256:")
    assert not json.loads(inside("tasks", source, "--json")[1])["tasks"][0]["draft"]
    assert "accepted already" in inside("tasks", source, "--accept", "tiny")[1]
    (mined / "tiny" / "instruction.md").write_text("Do it well.\n")
    assert json.loads(inside("tasks", source, "--json")[1])["tasks"][0]["draft"]


def test_only_what_is_there_can_be_accepted(mined: Path, inside: Inside) -> None:
    """An unknown id, a source without drafts and a folder without a manifest are one sentence each."""
    for source, ident, words in ((f"mined:{mined}", "other", "one of tiny"), ("bundled", "tiny", "only mined tasks have drafts"), (f"mined:{mined}/tiny", "tiny", "no mined.json")):
        code, _, err = inside("tasks", source, "--accept", ident)
        assert code == 2
        assert words in err
        assert len(err.splitlines()) == 1
