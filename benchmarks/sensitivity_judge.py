"""Judges recorded runs of the corpus with one constant of the detectors changed: a process of its own, so that whatever took the constant over has the new value.

    python -m benchmarks.sensitivity_judge TAPES < {"numbers": of runs, "changes": [[MODULE, NAME, VALUE, TEXT, SHIPPED], ...]}

What was found of each run goes to stdout as JSON, one object for each change. A module is compiled from its own source with another number in
that place; no file is changed, and nothing is left when the process ends. Each change has a fork of its own: where the scenes do not hang on
the module, they are made once for all, before.
"""

from __future__ import annotations

import ast
import json
import os
import pickle
import sys
import traceback
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.core.blob import Blob
    from harness.core.events import Trace
    from harness.core.task import TaskSpec
    from harness.corpus.resolving import Stood
    from harness.corpus.script import Case


class Filed(dict[str, str]):
    """A tree's listing."""

    links: frozenset[str] = frozenset()


class Tape:
    """A played run, as detectors read it. `blobs`: words by digest; `files`: listings by tree; `contents`: bytes by blob id."""

    def __init__(self, case: Case, truths: tuple[Stood, ...], cuts: frozenset[tuple[str, int]], task: TaskSpec, trace: Trace) -> None:
        self.case, self.truths, self.cuts, self.task, self.trace = case, truths, cuts, task, trace
        self.blobs: dict[str, bytes] = {}
        self.listed: dict[str, Filed] = {}
        self.contents: dict[str, bytes] = {}

    def get(self, blob: Blob) -> bytes:
        return self.blobs[blob.sha256]

    def files(self, tree: str) -> Mapping[str, str]:
        return self.listed[tree]

    def content(self, oid: str) -> bytes:
        return self.contents[oid]


class Changed(SourceFileLoader):
    """Compiles a module with another number in one place."""

    def __init__(self, fullname: str, path: str, name: str, value: float, text: tuple[str, str]) -> None:
        super().__init__(fullname, path)
        self._name, self._value, self._text = name, value, text

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        source = self.get_data(path).decode()
        pattern, shipped = self._text
        if pattern:
            tree = ast.parse(_replaced(source, pattern.format(shipped), pattern.format(self._value)))
        else:
            tree = ast.parse(source)
            _set(tree, self._name, self._value)
        return compile(tree, path, "exec", dont_inherit=True)


class Finder(MetaPathFinder):
    def __init__(self, module: str, name: str, value: float, text: tuple[str, str]) -> None:
        self._module, self._rest = module, (name, value, text)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == self._module else None
        if spec is not None and spec.origin is not None:
            spec.loader = Changed(fullname, spec.origin, *self._rest)
        return spec


def _replaced(source: str, old: str, new: str) -> str:
    if source.count(old) != 1:
        raise ValueError(f"{old!r} stands {source.count(old)} times")
    return source.replace(old, new)


def _set(tree: ast.Module, name: str, value: float) -> None:
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            many = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            pairs = zip(target.elts, node.value.elts, strict=True) if many else ((target, node.value),)  # type: ignore[attr-defined]
            for one, number in pairs:
                if isinstance(one, ast.Name) and one.id == name:
                    new = ast.copy_location(ast.Constant(value), number)
                    if many:
                        node.value.elts = [new if each is number else each for each in node.value.elts]  # type: ignore[attr-defined]
                    else:
                        node.value = new
                    return
    raise ValueError(f"{name} is not there")


def judge(tapes: Iterable[Tape], scenes: Mapping[str, Any]) -> list[Any]:
    """Of each run: kind and whether it was found, of every truth; and what nobody planted. `scenes`: those that are made already, by case."""
    from harness.corpus.matching import matched
    from harness.metrics.context.all import findings
    from harness.metrics.context.reading import scene

    told = []
    for tape in tapes:
        made = scenes.get(tape.case.name) or scene(tape.case.name, tape.task, tape.trace, tape.get, tape)
        run = matched(tape.case, tape.truths, findings(made), tape.cuts)
        hits = [(hit.kind, hit.found is not None) for hit in run.hits]
        told.append({"hits": hits, "false": [f"{each.kind} in {tape.case.name}" for each in run.false]})
    return told


def apart(change: Sequence[Any], tapes: Sequence[Tape], scenes: Mapping[str, Any], kept: Collection[str]) -> bytes:
    """In a fork: all of the metrics but what is `kept` are forgotten and read again, one number changed. Raises RuntimeError."""
    out, into = os.pipe()
    child = os.fork()
    if child:
        os.close(into)
        with os.fdopen(out, "rb") as pipe:
            told = pipe.read()
        if os.waitpid(child, 0)[1]:
            raise RuntimeError(f"judging failed: {change}")
        return told
    code = 1
    try:
        os.close(out)
        module, name, value, text, shipped = change
        for each in [one for one in sys.modules if one.startswith("harness.metrics.") and one not in kept and "__path__" not in vars(sys.modules[one])]:
            del sys.modules[each]
        if module:
            sys.meta_path.insert(0, Finder(f"harness.metrics.{module}", name, value, (text, shipped)))
        with os.fdopen(into, "wb") as pipe:
            pipe.write(json.dumps(judge(tapes, scenes)).encode())
        code = 0
    except Exception:  # noqa: BLE001  the parent says that it failed, this says why
        traceback.print_exc()
    finally:
        os._exit(code)


def main() -> int:
    from benchmarks.sensitivity_judge import apart
    from benchmarks.sensitivity_knobs import MAKES_SCENES, reached
    from harness.metrics.context.reading import scene

    asked = json.load(sys.stdin)
    tapes: list[Tape] = [pickle.loads(Path(sys.argv[1], f"{number}.tape").read_bytes()) for number in asked["numbers"]]
    made = reached(MAKES_SCENES)
    early = [change for change in asked["changes"] if f"harness.metrics.{change[0]}" not in made]
    scenes = {tape.case.name: scene(tape.case.name, tape.task, tape.trace, tape.get, tape) for tape in tapes} if early else {}
    for change in asked["changes"]:
        told = apart(change, tapes, *((scenes, made) if change in early else ({}, frozenset[str]())))
        sys.stdout.write(told.decode() + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
