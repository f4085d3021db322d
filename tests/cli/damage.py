"""Ways to spoil a record, each with the kind of finding it must give and words of it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

from harness.core.events import ModelReplied, TreeSeen
from harness.metrics.tries import of
from harness.store.sqlite import reading
from tests.engine.doubles import KEY


def changed(run: Path, *statements: str) -> None:
    with sqlite3.connect(run / "run.sqlite") as database:
        for statement in statements:
            database.execute(statement)
    database.close()


def a_blob(run: Path) -> Path:
    """The file of the blob of a reply's request."""
    store = reading(run)
    body = of(store.trace(KEY), ModelReplied)[0].body
    store.close()
    assert body
    return store.blobs.path(body)


def loose(run: Path, oid: str) -> Path:
    return run / "trees.git" / "objects" / oid[:2] / oid[2:]


def last_look(run: Path) -> TreeSeen:
    store = reading(run)
    seen = of(store.trace(KEY), TreeSeen)[-1]
    store.close()
    return seen


def below(run: Path) -> str:
    """The id of the folder d in the last tree."""
    words = ("git", "--git-dir", str(run / "trees.git"), "rev-parse", f"{last_look(run).tree}:d")
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def swap_row(run: Path) -> None:
    changed(run, """UPDATE rows SET row = CAST(replace(CAST(row AS TEXT), '"outcome":"passed"', '"outcome":"failed"') AS BLOB)""")


def unknown_event(run: Path) -> None:
    changed(run, """UPDATE events SET event = '{"type":"Unheard"}' WHERE seq = 3""")


def lose_an_event(run: Path) -> None:
    changed(run, "DELETE FROM events WHERE seq = 4")


def settle_too_early(run: Path) -> None:
    changed(run, "UPDATE trials SET settled = 1.0 WHERE short = 't0002'")


def strange_events(run: Path) -> None:
    changed(run, "INSERT INTO events SELECT 't0099', seq, at, event FROM events WHERE seq = 1")


def strange_key(run: Path) -> None:
    changed(run, "UPDATE trials SET key = '{}' WHERE short = 't0002'")


def another_run(run: Path) -> None:
    changed(run, "UPDATE meta SET value = 'other' WHERE name = 'run'")


def a_gap_in_the_plan(run: Path) -> None:
    changed(run, "UPDATE trials SET position = 9 WHERE short = 't0002'")


def no_tasks(run: Path) -> None:
    changed(run, """UPDATE meta SET value = '{"sha256": 3}' WHERE name = 'tasks'""")


def broken_index(run: Path) -> None:
    """An index of the database that is another's."""
    swap = "UPDATE sqlite_schema SET rootpage = (SELECT max(rootpage) FROM sqlite_schema) WHERE name = 'sqlite_autoindex_trials_3'"
    changed(run, "PRAGMA writable_schema = ON", swap)


def wipe_a_page(run: Path) -> None:
    with (run / "run.sqlite").open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xa5" * 4096)


def truncate(run: Path) -> None:
    data = (run / "run.sqlite").read_bytes()
    (run / "run.sqlite").write_bytes(data[: len(data) // 2])


def no_database(run: Path) -> None:
    (run / "run.sqlite").write_bytes(b"once upon a time " * 400)


def empty(run: Path) -> None:
    (run / "run.sqlite").write_bytes(b"")


def newer(run: Path) -> None:
    changed(run, "UPDATE meta SET value = '99' WHERE name = 'format'")


def lose_a_blob(run: Path) -> None:
    a_blob(run).unlink()


def cut_a_blob(run: Path) -> None:
    path = a_blob(run)
    path.write_bytes(path.read_bytes()[:-3])


def empty_a_blob(run: Path) -> None:
    a_blob(run).write_bytes(b"")


def swap_blobs(run: Path) -> None:
    path = a_blob(run)
    path.write_bytes(next(other for other in sorted(run.rglob("*.zst")) if other != path).read_bytes())


def wrong_size(run: Path) -> None:
    changed(run, """UPDATE events SET event = replace(CAST(event AS TEXT), '"size":5', '"size":6')""")


def lose_a_tree(run: Path) -> None:
    loose(run, last_look(run).tree).unlink()


def lose_a_folder_of_a_tree(run: Path) -> None:
    loose(run, below(run)).unlink()


def lose_the_manifest(run: Path) -> None:
    loose(run, last_look(run).extra).unlink()


def lose_the_manifest_of_git(run: Path) -> None:
    loose(run, last_look(run).git).unlink()


def spoil_a_tree(run: Path) -> None:
    path = loose(run, below(run))
    path.chmod(0o644)
    path.write_bytes(b"not an object")


def empty_a_tree(run: Path) -> None:
    path = loose(run, below(run))
    path.chmod(0o644)
    path.write_bytes(b"")


def swap_trees(run: Path) -> None:
    path = loose(run, below(run))
    path.chmod(0o644)
    path.write_bytes(loose(run, last_look(run).tree).read_bytes())


def lose_all_trees(run: Path) -> None:
    shutil.rmtree(run / "trees.git")


def spoil_a_base(run: Path) -> None:
    (path,) = (run / "bases").iterdir()
    path.write_bytes(path.read_bytes()[:-9])


def a_base_of_another_image(run: Path) -> None:
    (path,) = (run / "bases").iterdir()
    path.rename(path.with_name("000000000000000000000000.json"))


DAMAGE: dict[Callable[[Path], None], tuple[str, str]] = {
    swap_row: ("row", "t0001: its kept row says otherwise than its trace: outcome"),
    unknown_event: ("trace", "an event of t0001 can't be read"),
    lose_an_event: ("trace", "t0001: 5: numbered out of order"),
    settle_too_early: ("trial", "t0002: is settled, and its trace ends with nothing"),
    strange_events: ("record", "1 events of t0099, which is no trial"),
    strange_key: ("trial", "t0002: its key can't be read"),
    another_run: ("trial", "t0001: belongs to the run run"),
    a_gap_in_the_plan: ("trial", "t0002: stands at place 9"),
    no_tasks: ("record", "the run's tasks can't be found"),
    broken_index: ("record", "index"),
    wipe_a_page: ("record", "run.sqlite"),
    truncate: ("record", "run.sqlite"),
    no_database: ("record", "file is not a database"),
    empty: ("record", "not the record of a run"),
    newer: ("record", "store format 99, this version reads 1 and 2"),
    lose_a_blob: ("blob", "blob can't be read: No such file"),
    cut_a_blob: ("blob", "t0001: "),
    empty_a_blob: ("blob", "blob holds 0 of the 5 bytes"),
    swap_blobs: ("blob", "t0001: "),
    wrong_size: ("blob", "blob holds 5 of the 6 bytes"),
    lose_a_tree: ("tree", "t0001: tree"),
    lose_a_folder_of_a_tree: ("tree", "missing or damaged"),
    lose_the_manifest: ("tree", "t0001: blob"),
    lose_the_manifest_of_git: ("tree", "t0001: blob"),
    spoil_a_tree: ("tree", "trees.git: object"),
    empty_a_tree: ("tree", "missing or damaged"),
    swap_trees: ("tree", "damaged: its content is that of"),
    lose_all_trees: ("tree", "t0001: tree"),
    spoil_a_base: ("base", "can't be read"),
    a_base_of_another_image: ("base", "is the listing of another image"),
}
