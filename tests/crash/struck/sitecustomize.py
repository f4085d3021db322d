"""Counts the commits of all processes of a run, and its starts of containers, in locked files, and kills at the one asked for.

Python imports this by its name from PYTHONPATH. LONGHAUL_STRIKE is a folder with `spec` ("before|after|start|never NUMBER all|parent|worker"),
and then `commits` and `starts` (a byte for each), and `struck` once it came to that.
"""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["LONGHAUL_STRIKE"])
WHEN, NUMBER, WHO = (FOLDER / "spec").read_text("utf-8").split()
ROOT = int(os.environ.setdefault("LONGHAUL_STRIKE_ROOT", str(os.getpid())))


class Counted(sqlite3.Connection):
    """Every way to commit that this interface has."""

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if statement.strip().rstrip(";").upper() in ("COMMIT", "END"):
            return committed(lambda: super(Counted, self).execute(statement, *values))
        return super().execute(statement, *values)

    def commit(self) -> None:
        committed(super().commit) if self.in_transaction else super().commit()

    def __exit__(self, *fault: object) -> bool:
        if fault[0] is None:
            self.commit()
            return False
        return bool(super().__exit__(*fault))


def committed(commit: Callable[[], Any]) -> Any:
    """The lock is held over the commit, so that no other process commits between the counting and the kill."""
    with (FOLDER / "commits").open("ab") as count:
        fcntl.flock(count, fcntl.LOCK_EX)
        # Once: a commit that was struck before it was counted leaves its number to the next.
        struck = count.tell() + 1 == int(NUMBER) and not (FOLDER / "struck").exists()
        if struck and WHEN == "before":
            strike()
        done = commit()
        count.write(b".")
        count.flush()
        if struck and WHEN == "after":
            strike()
    return done


def asked(self: http.client.HTTPConnection, method: str, url: str, *rest: Any, **options: Any) -> None:
    """Before the engine hears of it: a container is made then, and not started."""
    if method == "POST" and url.partition("?")[0].endswith("/start"):
        with (FOLDER / "starts").open("ab") as count:
            fcntl.flock(count, fcntl.LOCK_EX)
            count.write(b".")
            count.flush()
            if WHEN == "start" and count.tell() == int(NUMBER):
                strike()
    put_request(self, method, url, *rest, **options)


def strike() -> None:
    """All at once: the parent is stopped first, so that it starts nobody while the others die."""
    own = os.getpid()
    if own != ROOT and WHO == "all":
        os.kill(ROOT, signal.SIGSTOP)
    (FOLDER / "struck").touch()
    doomed = {"all": (ROOT, *below(ROOT)), "parent": (ROOT,), "worker": (own,) if own != ROOT else ()}[WHO]
    for pid in sorted(doomed, key=lambda pid: pid == own):  # whoever kills goes last
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def below(pid: int) -> tuple[int, ...]:
    """Every process descended from this one."""
    try:
        words = " ".join(path.read_text("utf-8") for path in Path(f"/proc/{pid}/task").glob("*/children"))
    except OSError:
        return ()
    found = tuple(map(int, words.split()))
    return (*found, *(deeper for child in found for deeper in below(child)))


def connect(*place: Any, **options: Any) -> sqlite3.Connection:
    return plainly(*place, **{"factory": Counted, **options})


put_request = http.client.HTTPConnection.putrequest
http.client.HTTPConnection.putrequest = asked  # type: ignore[method-assign]
plainly = sqlite3.connect
sqlite3.connect = connect  # type: ignore[assignment]
