"""The file is written whole or not at all, alone or with a folder beside it, by one process or by several."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.record import page_spools
from harness.cli.record.page import write
from harness.core.errors import PlanError, StoreError
from harness.report.page_blocks import block, opened
from harness.report.page_wire import shared, units
from harness.report.page_words import Shelf
from tests.report.page.stories import a_run, planted, solved


def test_a_page_replaces_the_one_before_it_with_its_folder(tmp_path: Path) -> None:
    """What an earlier page had beside it is gone once the new one stands; what is not ours stays."""
    held = a_run(tmp_path / "run")
    solved(held)
    target = tmp_path / "out" / "page.html"
    assert write(held, target, inside=0).beside == 2
    (target.parent / "page.files" / "mine.txt").write_text("mine")
    (target.parent / "page.files" / ("0" * 16)).mkdir()
    assert write(held, target, inside=0).beside == 2
    folders = [path.name for path in (target.parent / "page.files").iterdir() if path.is_dir()]
    assert len(folders) == 1
    assert f"page.files/{folders[0]}" in target.read_text("utf-8")
    assert write(held, target).beside == 0
    assert sorted(path.name for path in target.parent.rglob("*")) == ["mine.txt", "page.files", "page.html"]


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    """A record that can't be read, or a place that can't be written, leaves the page that was there, and nothing else."""
    held = a_run(tmp_path / "run")
    solved(held)
    target = tmp_path / "out" / "page.html"
    write(held, target)
    before = target.read_bytes()
    for path in (held.store.folder / "blobs").rglob("*.zst"):
        path.write_bytes(b"damaged")
    with pytest.raises(StoreError, match="blob"):
        write(held, target)
    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]
    with pytest.raises(PlanError, match="a folder"):
        write(held, tmp_path)
    with pytest.raises(PlanError, match="File name too long"):
        write(held, target.parent / ("x" * 300))
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]


def test_several_processes_write_the_same_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, however many made it; a fault of one of them is told in its words."""
    held = a_run(tmp_path / "run", ("alpha", "beta"), attempts=3)
    for short in ("t0001", "t0002", "t0005"):
        solved(held, short)
    write(held, tmp_path / "one.html")
    monkeypatch.setattr(page_spools, "MANY", 1)
    monkeypatch.setattr(page_spools.os, "sched_getaffinity", lambda _: {0, 1, 2})
    write(held, tmp_path / "many.html")
    assert (tmp_path / "many.html").read_bytes() == (tmp_path / "one.html").read_bytes()
    for path in (held.store.folder / "blobs").rglob("*.zst"):
        path.write_bytes(b"damaged")
    with pytest.raises(StoreError, match="blob can't be read"):
        write(held, tmp_path / "many.html")


def test_a_missing_tree_is_named(tmp_path: Path) -> None:
    """A tree that the repository does not hold is said to be missing."""
    held = a_run(tmp_path / "run")
    solved(held)
    for path in (held.store.folder / "trees.git" / "objects").glob("??/*"):
        path.unlink()
    with pytest.raises(StoreError, match="one is missing or damaged"):
        write(held, tmp_path / "page.html")


@pytest.mark.parametrize("words", ["plain", "</script><!--", "\udfff\ud800\x00", "\u2028é🙂", "x" * 100_000])
def test_a_block_holds_any_text_and_ends_nowhere(words: str) -> None:
    """What goes in comes out, and in between there are no signs that mean anything in a page."""
    text = block({"words": words})
    assert opened(text) == {"words": words}
    assert not set(text) & set("<>&\"'\n ")


def test_bodies_are_told_by_their_difference() -> None:
    """Common front and end, never overlapping, counted as a browser counts."""
    assert shared("", "abc") == (0, 0)
    assert shared("abc", "abc") == (3, 0)
    assert shared('{"a": [1, 2]}', '{"a": [1, 2, 3]}') == (11, 2)
    assert shared("aaaa", "aaaaaa") == (4, 0)
    assert units("é🙂\ud800") == 4


def test_long_texts_become_blocks_of_their_own() -> None:
    """Up to a bound a text travels with its trial; beyond it only its beginning does, and the whole is read again when it is written."""
    shelf = Shelf("t0001", lambda blob: b"")
    assert shelf.words(lambda: "short").block == ""
    long = shelf.words(lambda: "x" * 50_000)
    assert (long.block, long.size) == ("t0001.1", 50_000)
    assert [(name, len(text)) for name, text in shelf.rest()] == [("t0001.1", 50_000)]


def test_planted_trees_differ_by_what_was_planted(tmp_path: Path) -> None:
    """Many differences through one process: in order, equal trees without asking, long ones cut and counted, renames told as such."""
    from harness.store.diffs import differences

    repository = tmp_path / "trees.git"
    one, two = planted(repository, {"a.txt": b"one\n"}), planted(repository, {"a.txt": b"one\ntwo\n"})
    moved = planted(repository, {"ü b.txt": b"one\ntwo\n"})
    long = planted(repository, {"a.txt": b"z" * 300_000})
    with differences(repository, cap=1000) as diffs:
        found = list(diffs.many([(one, two), (one, one), *[(two, moved)] * 200, (one, long), (two, one)]))
    assert found[0].text.decode().splitlines()[-2:] == [" one", "+two"]
    assert (found[1].text, found[1].total) == (b"", 0)
    assert b"rename to \xc3\xbc b.txt" in found[2].text
    assert len({diff.text for diff in found[2:202]}) == 1
    assert (len(found[202].text), found[202].total > 300_000) == (1000, True)
    assert found[203].text.endswith(b"-two\n")
