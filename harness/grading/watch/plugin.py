"""A pytest plugin that tells each outcome as it happens, on a descriptor whose other end is held outside the container.

It runs in the container beside the code under test, on whatever Python and pytest (3.7, 6.0 and later) the image has, so it needs nothing
but these two. Its text is laid in with one more line, which calls `attend`. What it says can be forged by code in its own process: the
reader believes nothing that the pair of unknown tests or a run with other expectations contradicts.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import stat
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

_AT_ONCE = 200
"""Ids in one line."""
_OLD = int(pytest.__version__.split(".", maxsplit=1)[0]) < 7


class Mouth:
    """Writes numbered lines; silent in children, which inherit everything but the right to speak."""

    def __init__(self, descriptor: int, nonce: str) -> None:
        self._descriptor, self._nonce, self._pid, self._number = descriptor, nonce, os.getpid(), 0

    def say(self, *words: Any) -> None:
        if self._descriptor < 0 or os.getpid() != self._pid:
            return
        self._number += 1
        data = f"{self._nonce} {self._pid} {self._number} {json.dumps(words)}\n".encode("ascii")
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:
            self._descriptor = -1

    @property
    def said(self) -> int:
        return self._number


class Watch:
    """One session. `settings`: descriptor, nonce, seed, file (name of the pair's module), text, names (must pass, must fail)."""

    def __init__(self, settings: dict[str, Any], descriptor: int) -> None:
        self.settings = settings
        self.mouth = Mouth(descriptor, settings["nonce"])
        self.began = time.monotonic()
        self.places: dict[str, int] = {}
        self.told: dict[tuple[str, str], str] = {}
        self.pair: list[Any] = []
        self.called: Any = None
        self.mouth.say("begin", getattr(pytest, "__version__", ""), sys.version.split()[0])

    # ---- the pair of unknown tests ----

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session: Any, config: Any, items: list[Any]) -> None:
        """Stands them at the border of two files, so that no fixture of a graded file is torn down for them."""
        if not items or self.pair:
            return
        try:
            self.pair = self._made(session, config, items[0])
        except BaseException as fault:  # noqa: BLE001  a project's own hooks may do anything; the reader is told
            self.mouth.say("unpaired", repr(fault)[:300])
            return
        chance = random.Random(self.settings["seed"])  # noqa: S311  a place, not a secret
        path = _file(items[0]).parent
        for item in self.pair:
            items.insert(chance.choice(_borders(items, path)), item)
        self.mouth.say("pair", *[item.nodeid for item in self.pair])

    def _made(self, session: Any, config: Any, first: Any) -> list[Any]:
        """Of a file that lies beside the first one as long as it is read: a project's tests may look at every file there is.

        The workers of a parallel run would find each other's; theirs stays where this plugin lies, and is only named as if it lay there.
        """
        path = _file(first).parent / self.settings["file"]
        near = first.getparent(pytest.Module)
        parent = near.parent if near is not None else session
        if hasattr(config, "workerinput"):
            named = path.relative_to(str(config.rootdir if _OLD else config.rootpath)).as_posix()
            return self._functions(_module(parent, Path(__file__).with_name(self.settings["file"]), nodeid=named))
        if path.exists():
            raise FileExistsError(str(path))
        try:
            path.write_text(self.settings["text"], encoding="utf-8")
            return self._functions(_module(parent, path))
        finally:
            with contextlib.suppress(OSError):
                path.unlink()

    def _functions(self, module: Any) -> list[Any]:
        """The names of a project's tests may follow another rule than the default: they are made, not collected."""
        made = [pytest.Function.from_parent(module, name=name) for name in self.settings["names"]]
        assert all(callable(item.obj) for item in made)
        return made

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: Any, nextitem: Any) -> bool | None:
        """Out of the sight of whatever counts failures: a must-fail test is none of the project's."""
        if item not in self.pair or hasattr(item.config, "workerinput"):
            return None
        runtestprotocol(item, log=False, nextitem=nextitem)
        return True

    # ---- what is told ----

    def pytest_collection_finish(self, session: Any) -> None:
        names = [item.nodeid for item in session.items]
        self.places = {name: place for place, name in enumerate(names)}
        for start in range(0, len(names), _AT_ONCE):
            self.mouth.say("ids", names[start : start + _AT_ONCE])

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: Any) -> Any:
        self.called = item
        yield
        self.called = None

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
        """One for each phase, when it is over; what is made while the test's call is still under way is of a subtest."""
        made = yield
        report = made.get_result()
        self._tell("part" if item is self.called else "made", report)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> Any:
        """Before anything else counts it. Again only where it says something else, as a rerun does, and of what another process made."""
        if self.told.get((report.nodeid, report.when)) != _outcome(report):
            self._tell("logged", report)
        names = tuple(f"{self.settings['file']}::{name}" for name in self.settings["names"])
        if report.nodeid.endswith(names) and report.failed:
            # Only a parallel run lets it come here. Its true outcome goes along to the process that speaks.
            report.heard, report.outcome, report.longrepr = report.outcome, "passed", None
        yield

    def _tell(self, kind: str, report: Any) -> None:
        outcome = _outcome(report)
        self.told[report.nodeid, report.when] = outcome
        name = self.places.get(report.nodeid, report.nodeid)
        self.mouth.say(kind, name, report.when, outcome, round(getattr(report, "duration", 0.0), 4))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: Any, exitstatus: Any) -> Any:
        yield
        status = int(getattr(session, "exitstatus", exitstatus))
        spent = round(time.monotonic() - self.began, 3)
        self.mouth.say("end", status, int(session.testsfailed), self.mouth.said, spent)


def _outcome(report: Any) -> str:
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.outcome == "skipped" else "xpassed"
    return str(getattr(report, "heard", report.outcome))


def _file(item: Any) -> Path:
    return Path(str(getattr(item, "path", None) or item.fspath))


def _module(parent: Any, path: Path, **more: Any) -> Any:
    """`path` came with pytest 7."""
    if _OLD:
        return pytest.Module.from_parent(parent, fspath=type(parent.fspath)(str(path)), **more)
    return pytest.Module.from_parent(parent, path=path, **more)


def _borders(items: list[Any], folder: Path) -> list[int]:
    """Places between two files of which one lies in the folder."""
    files = [_file(item) for item in items]
    ends = [0, *[at for at in range(1, len(files)) if files[at] != files[at - 1]], len(files)]
    return [at for at in ends if any(file.parent == folder for file in files[max(0, at - 1) : at + 1])] or [0]


def _taken(descriptor: int) -> int:
    """The channel, kept from every child; -1 where there is none, as in a session that a test starts."""
    try:
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return -1
        os.set_inheritable(descriptor, False)
    except OSError:
        return -1
    return descriptor


class Door:
    """Lets the watch into the first session of this process, and into no session that a test starts within it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings: dict[str, Any] | None = settings

    def open(self, config: Any) -> None:
        """A worker of a parallel run has pipes of its own under any number, and tells by way of the process that started it."""
        settings, self._settings = self._settings, None
        worker = hasattr(config, "workerinput")
        descriptor = _taken(settings["descriptor"]) if settings and not worker else -1
        if settings is None or not (worker or descriptor >= 0):
            return
        # Other styles parse the source of what failed, and some Pythons die of that in deep or broken-off code: the session with them.
        config.option.tbstyle = "native"
        config.pluginmanager.register(Watch(settings, descriptor))


def attend(settings: dict[str, Any], place: dict[str, Any]) -> None:
    """Called by the line that is laid in below this text; `place` is the module's own names, where pytest looks for hooks."""
    door = Door(settings)

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(config: Any) -> None:
        door.open(config)

    place["pytest_configure"] = pytest_configure
