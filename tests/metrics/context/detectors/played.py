"""A try played by hand on files in memory: calls that do what the tools do, and the scene that detectors read of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from harness.core.agent import Claim, Stop
from harness.core.chat import Origin, Role
from harness.core.facts import ModelFacts
from harness.core.findings import Finding
from harness.core.memory import Constraint, Item, Manifest, Milestone
from harness.core.predicates import Adds, Constant, Edits, Holds, Named, Unchanged
from harness.metrics.context.ledger import Cut, Sight
from harness.metrics.context.scene import Did, Scene, Turn, Words
from harness.metrics.context.standing import standing

Files = dict[str, str]


class Trees:
    """Trees and blobs by digest, in memory."""

    def __init__(self) -> None:
        self._trees: dict[str, Mapping[str, str]] = {}
        self._blobs: dict[str, bytes] = {}

    def keep(self, files: Files) -> str:
        names = {path: self._blob(text) for path, text in sorted(files.items())}
        tree = hashlib.sha256(json.dumps(names).encode()).hexdigest()[:12]
        self._trees.setdefault(tree, names)
        return tree

    def _blob(self, text: str) -> str:
        oid = hashlib.sha256(text.encode()).hexdigest()[:16]
        self._blobs[oid] = text.encode()
        return oid

    def files(self, tree: str) -> Mapping[str, str]:
        return self._trees[tree]

    def content(self, oid: str) -> bytes:
        return self._blobs[oid]


class Ledger:
    """Sees every item that a test names, unless it was told as hidden."""

    def __init__(self, items: tuple[Item, ...], hidden: tuple[str, ...] = (), cuts: tuple[Cut, ...] = ()) -> None:
        self.items = {item.id: item for item in items}
        self.cuts, self._hidden = cuts, hidden

    def sight(self, item: str, turn: int) -> Sight:
        assert item in self.items
        shown = item not in self._hidden
        return Sight(item, turn, shown, "m1.1", 100 if shown else None, turn, 1, 0.25)

    def lost(self, turn: int) -> tuple[str, ...]:
        return ()

    def valid(self, item: str, turn: int) -> bool:
        return True


class Play:
    """One try. Each of its verbs is one tool call; `over` ends the turn."""

    def __init__(self, manifest: Manifest | None = None, files: Files | None = None, hidden: tuple[str, ...] = ()) -> None:
        self.manifest, self.files, self.trees, self.hidden = manifest or Manifest(), dict(files or {}), Trees(), hidden
        self.base = self.trees.keep(self.files)
        self.stage, self.turns, self.calls, self.seq = 1, [], [], 1
        self.words: dict[str, Words] = {}
        self.requests: list[tuple[int, str, int]] = []

    def hear(self, text: str, origin: Origin = Origin.USER, request: bool = False) -> Play:
        """Words that stand in the view from this turn on."""
        name, turn = f"m{len(self.words) + 1}", len(self.turns) + 1
        self.words[f"{name}.1"] = Words(f"{name}.1", name, Role.USER, origin, "text", text, len(text) // 4, turn)
        self.requests += [(self.stage, name, turn)] if request else []
        return self

    def write(self, path: str, text: str) -> Play:
        before = self._tree()
        self.files[path] = text
        return self._did("write", {"path": path, "content": text}, before, f"Wrote {path}.")

    def replace(self, path: str, old: str, new: str) -> Play:
        before, now = self._tree(), self.files.get(path)
        arguments = {"path": path, "old": old, "new": new}
        if now is None:
            return self._did("replace", arguments, before, "Failed: there is no such file.", ok=False)
        if now.count(old) != 1:
            return self._did("replace", arguments, before, f"Not replaced: `old` does not occur in {path}.", ok=False)
        self.files[path] = now.replace(old, new)
        return self._did("replace", arguments, before, f"Replaced in {path}.")

    def read(self, path: str) -> Play:
        there = path in self.files
        arguments = {"path": path, "first_line": 0, "last_line": 0}
        return self._did("read", arguments, self._tree(), self.files[path] if there else "Failed: there is no such file.", ok=there)

    def shell(self, command: str, output: str = "", exit_code: int = 0, files: Files | None = None, gone: tuple[str, ...] = ()) -> Play:
        before = self._tree()
        self.files = {path: text for path, text in {**self.files, **(files or {})}.items() if path not in gone}
        said = f"{output}\n[exit code {exit_code}, in /workspace]"
        return self._did("shell", {"command": command, "seconds": 0}, before, said, exit_code=exit_code)

    def test(self, output: str = "3 passed", exit_code: int = 0) -> Play:
        return self._did("run_tests", {}, self._tree(), f"{output}\n[exit code {exit_code}]", exit_code=exit_code)

    def others(self, files: Files) -> Play:
        """Somebody else changes files, between two calls."""
        self.files.update(files)
        return self

    def over(self, said: str = "") -> Play:
        """The turn ends."""
        return self._end(said, None, yielded=False)

    def finish(self, done: str = "all", not_done: str = "") -> Play:
        """The work is handed in, in a turn of its own; the next request begins."""
        claim = Claim(done, not_done)
        self._did("finish", {"done": done, "not_done": not_done}, self._tree(), "Handed in.")
        self._end("", claim, yielded=True)
        self.stage += 1
        return self

    def scene(self, upto: int | None = None, stop: Stop | None = Stop.ANSWERED, judged: bool = True) -> Scene:
        """Of the first `upto` turns, of a conversation that still goes on; or of all of them. Not `judged`: without what its trees show."""
        turns = tuple(self.turns[:upto])
        words = {name: one for name, one in self.words.items() if one.turn <= len(turns)}
        seen = [Item(f"edit:{path}@{turn.number}", "observation", "", ()) for turn in turns for path in self.edited.get(turn.number, ())]
        ledger = Ledger((*self.manifest.items, *seen), self.hidden)
        opportunities, reached = standing(self.manifest, turns, self.base, self.trees, {}) if judged else ((), ())
        return Scene(
            "trial", "task", "model", self.manifest, ModelFacts("made", "made"), words, turns, tuple(self.requests), ledger,
            self.trees, self.base, stop if upto is None else None, opportunities, reached,
        )  # fmt: skip

    @property
    def edited(self) -> dict[int, list[str]]:
        return {
            turn.number: [path for did in turn.calls for path in self._differing(did.before, did.after)] for turn in self.turns
        }

    def _differing(self, before: str, after: str) -> set[str]:
        return {path for path, _ in self.trees.files(before).items() ^ self.trees.files(after).items()}

    def _tree(self) -> str:
        return self.trees.keep(self.files)

    def _did(self, name: str, arguments: dict[str, object], before: str, output: str, *, ok: bool = True, exit_code: int | None = None) -> Play:
        self.seq += 2
        raw, ident = json.dumps(arguments), f"c{self.seq}"
        digest = hashlib.sha256(output.encode()).hexdigest()
        part = f"o{self.seq}.1"
        self.words[part] = Words(part, f"o{self.seq}", Role.TOOL, Origin.TOOL, "output", output, len(output) // 4, len(self.turns) + 2)
        self.calls.append(
            Did(ident, name, raw, arguments, ok, exit_code, "", None, output, digest, part, before, self._tree(), self.seq, self.seq + 1)
        )
        return self

    def _end(self, said: str, claim: Claim | None, *, yielded: bool) -> Play:
        number = len(self.turns) + 1
        self.seq += 1
        first = self.calls[0].seq - 1 if self.calls else self.seq
        self.turns.append(
            Turn(
                number, first, self.stage, tuple(self.words), 32_768, 4_096, (), 1000, 0, 50, 0, None, 0.25, None, None, (), (), (), said,
                tuple(self.calls), self._tree(), claim, yielded, (first, self.seq),
            )
        )  # fmt: skip
        self.calls = []
        return self


def kinds(findings: tuple[Finding, ...] | list[Finding]) -> list[tuple[str, str, int, int, int]]:
    """What a test compares: kind, item, turn, onset, known."""
    return [(one.kind, one.item, one.turn, one.onset, one.known) for one in findings]


SUFFIX = Item("suffix", "rule", "Public functions end with `_op`.", ("_op",), manner="rehearsed")
FROZEN = Item("frozen", "rule", "Never touch migrations.", ("migrations",), manner="prohibition")
PORT = Item("port", "fact", "The port is 48213.", ("48213",), value="48213")
OLD = Item("old", "decision", "Round to 4771 steps.", ("4771",), until=2, value="4771")
NEW = Item("new", "decision", "Round to 9038 steps now.", ("9038",), since=2, supersedes="old", value="9038")


def named() -> Constraint:
    return Constraint("suffix", Named(("pkg/**/*.py",), ".*_op"), Adds("function", ("pkg/**/*.py",)))


def unchanged() -> Constraint:
    return Constraint("frozen", Unchanged(("migrations/*.py",)), Edits(("**",)))


def constant(name: str, stage: int, items: tuple[str, ...] = (), value: str = "48213") -> Milestone:
    return Milestone(f"s{stage}.1", f"{stage}.1", stage, Constant("pkg/net.py", name, value), items=items)


def holding(stage: int, value: str, items: tuple[str, ...] = ()) -> Milestone:
    return Milestone(f"s{stage}.1", f"{stage}.1", stage, Holds(("pkg/*.py",), value), items=items)


def function(name: str, body: str = "return 1") -> str:
    return f"def {name}():\n    {body}\n"
