"""Turns by hand: each call is what it ran and the files that it left, each turn ends with the files of its last call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from harness.metrics.context.scene import Did, Turn
from tests.metrics.context.predicates.shelf import Shelf

Files = Mapping[str, str]


class Act(msgspec.Struct, frozen=True):
    """A call. `files`: paths and their new text, None for gone; `between`: changes by nobody's call before it."""

    files: Mapping[str, str | None] = {}
    name: str = "write"
    command: str = ""
    between: Mapping[str, str | None] = {}


class Play:
    """Turns over a shelf; `base` is the tree they began with."""

    def __init__(self, base: Files) -> None:
        self.shelf = Shelf()
        self._now: dict[str, str] = dict(base)
        self.base = self.shelf.put(base)
        self.turns: list[Turn] = []
        self._seq = 10

    def turn(self, *acts: Act, stage: int = 1, yielded: bool = False, seen: bool = True) -> Play:
        calls = tuple(self._call(act) for act in acts)
        tree = self.shelf.put(self._now) if seen else ""
        self._seq += 10
        number = len(self.turns) + 1
        self.turns.append(Turn(
            number, self._seq, stage, (), None, 0, (), None, None, None, None, None, None, None, None, (), (), (), "", calls, tree, None, yielded,
            (self._seq, self._seq + 9),
        ))  # fmt: skip
        return self

    def write(self, stage: int = 1, **files: str | None) -> Play:
        """One turn of one write; `__` stands for a slash and `_py` for the ending."""
        return self.turn(Act({path.replace("__", "/").replace("_py", ".py"): text for path, text in files.items()}), stage=stage)

    def _call(self, act: Act) -> Did:
        self._change(act.between)
        before = self.shelf.put(self._now)
        self._change(act.files)
        self._seq += 1
        arguments: Mapping[str, object] = {"command": act.command} if act.command else {}
        name = "shell" if act.command else act.name
        after = self.shelf.put(self._now)
        return Did(f"c{self._seq}", name, "", arguments, ok=True, exit_code=0, problem="", blame=None, output="", digest="", part="", before=before,
                   after=after, seq=self._seq, returned=self._seq)  # fmt: skip

    def _change(self, files: Mapping[str, str | None]) -> None:
        for path, text in files.items():
            if text is None:
                self._now.pop(path, None)
            else:
                self._now[path] = text


TESTS = Act(name="run_tests")
FINISH = Act(name="finish")


def told(opportunities: Sequence[object]) -> list[tuple[object, ...]]:
    """(turn, subject, honoured, settled, repaired) of each."""
    return [(one.turn, one.subject, one.honoured, one.settled, one.repaired) for one in opportunities]  # type: ignore[attr-defined]
