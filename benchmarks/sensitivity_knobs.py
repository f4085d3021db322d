"""The thresholds of the detectors: what each is counted in, which values are tried beside the one shipped, and on which planted kinds and look-alikes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

ROOT: Final = Path(__file__).resolve().parents[1]
ROOM: Final = "harness.metrics.context"
MAKES_SCENES: Final = (f"{ROOM}.reading",)
"""What makes the scene that detectors read."""

Value = int | float


class Knob(msgspec.Struct, frozen=True):
    """`module`: below harness.metrics; `name`: its constant, or words for a number that stands in a function: then `text` is the place, with {} for it.

    `tried`: beside the value shipped; `kinds`: planted; `alikes`: look-alikes, by their families' words.
    """

    module: str
    name: str
    unit: str
    shipped: Value
    tried: tuple[Value, ...]
    kinds: tuple[str, ...]
    alikes: tuple[str, ...] = ()
    text: str = ""

    @property
    def values(self) -> tuple[Value, ...]:
        """All of them in order."""
        return tuple(sorted({self.shipped, *self.tried}))


CONSTRAINTS, WINDOW = ("C1", "C2", "C3", "C4"), ("A1", "A2", "A3", "A4")
SERVERS = ("thoughts", "uncounted", "cached", "kept", "finished")
REPEATS = ("polling", "waiting", "flaky", "requested", "ranged", "evicted", "newly_read", "reread", "retest", "probing")
OWN_WORK = ("mended", "rollback", "formatter", "waived", "creating", "finished")
NAMES = ("discovery", "installed", "mentioned", "generated", "creating", "probing")
CLAIMS = ("blocked", "finished", "waived", "rollback")

KNOBS: Final = (
    Knob("context.standing", "GRACE", "turns to put a slip right", 2, (0, 1, 3, 4), (*CONSTRAINTS, "L1", "L2", "L3"), OWN_WORK),
    Knob("context.kept.grace", "GRACE", "turns to put right what was broken, imported or made twice", 2, (0, 1, 3, 4), ("G1", "G2", "G5", "I1", "I2"), (*OWN_WORK, *NAMES)),
    Knob("context.kept.losses", "ADOPTED", "honoured opportunities before a loss", 2, (1, 3, 4), ("C1", "C2", "C3"), OWN_WORK),
    Knob("context.roots", "REACH", "turns to a root", 6, (0, 3, 12), ("C1", "G1", "G2", "H1", "F1", "F2", "E1"), ("finished", "reread")),
    Knob("context.detectors.window", "RELOAD_S", "s of loading", 1.0, (0.5, 2.0), ("A1",), SERVERS),
    Knob("context.detectors.window", "WORTH_S", "s of reading", 0.5, (0.25, 1.0), ("A1",), SERVERS),
    Knob("context.detectors.window", "AGAIN", "share of the last prompt cached", 0.5, (0.25, 1.0), ("A1",), SERVERS),
    Knob("context.detectors.window", "CLOSE", "share of a whole reading's time", 0.7, (0.35, 1.4), ("A1",), SERVERS),
    Knob("context.detectors.window", "NEW", "tokens", 64, (32, 128), ("A1",), SERVERS),
    Knob("window", "tolerance", "tokens of a prompt", 16, (0, 8, 32, 64), WINDOW, SERVERS, "max({}, tokens // 50)"),
    Knob("window", "tolerance, one part in", "of a prompt's tokens", 50, (12, 25, 100, 200), WINDOW, SERVERS, "max(16, tokens // {})"),
    Knob("window", "tolerance, reasoning by", "characters a token", 2, (1, 4), WINDOW, SERVERS, "+ reasoning // {}"),
    Knob("window", "DENSE", "bytes a token at most", 8, (4, 6, 16), WINDOW, SERVERS),
    Knob("window", "USUAL", "bytes a token", 4, (2, 8), WINDOW, SERVERS),
    Knob("window", "SLACK", "tokens beyond the window", 1, (0, 2, 16), WINDOW, SERVERS),
    Knob("context.detectors.compaction", "WINDOW", "turns until what came of it (B3)", 10, (5, 20), ("B1", "B2"), ("evicted", "kept")),
    Knob("context.detectors.compaction", "PROMPT", "turns to see it again", 3, (1, 6), ("B1", "B2"), ("evicted", "kept")),
    Knob("context.detectors.compaction", "ASKED_WORDS", "content words shared", 2, (1, 4), ("B1", "B2"), ("evicted", "kept")),
    Knob("context.said.distorted", "SHORTEST", "characters of a value", 5, (2, 10), ("B1", "B2"), ("evicted", "kept")),
    Knob("context.said.distorted", "TWO_SLIPS", "characters of a value", 8, (4, 16), ("B1", "B2"), ("evicted", "kept")),
    Knob("context.said.distorted", "SHARED", "share of content words", 0.6, (0.3, 0.9), ("B1", "B2"), ("evicted", "kept")),
    Knob("context.detectors.exploring", "FAR", "turns", 5, (2, 10), ("E1", "E2"), REPEATS),
    Knob("context.detectors.exploring", "SOON", "turns to the edit", 3, (1, 6), ("E1", "E2"), REPEATS),
    Knob("context.detectors.loops", "SAME", "steps", 4, (2, 3, 8), ("F1", "F2", "F3"), REPEATS),
    Knob("context.detectors.loops", "FAILING", "steps", 3, (2, 6), ("F1", "F2", "F3"), REPEATS),
    Knob("context.detectors.loops", "MESSAGES", "replies", 3, (2, 6), ("F1", "F2", "F3"), REPEATS),
    Knob("context.detectors.loops", "EMPTY", "replies", 3, (2, 6), ("F1", "F2", "F3"), REPEATS),
    Knob("context.detectors.loops", "ALTERNATING", "steps", 6, (4, 12), ("F1", "F2", "F3"), REPEATS),
    Knob("context.detectors.loops", "EDITS", "changes of the tree", 2, (1, 4), ("F1", "F2", "F3"), (*REPEATS, "rollback", "mended")),
    Knob("context.detectors.loops", "STILL", "turns without news", 12, (6, 24), ("F1", "F2", "F3"), REPEATS),
    Knob("context.detectors.duplicates", "FEWEST", "statements", 3, (1, 6), ("G5",), ("creating", "finished", "rollback")),
    Knob("context.detectors.duplicates", "SMALLEST", "nodes of the tree", 8, (4, 16), ("G5",), ("creating", "finished", "rollback")),
    Knob("context.detectors.endings", "LEFT", "share of the budget", 0.4, (0.2, 0.8), ("H1", "H2", "H4"), CLAIMS),
    Knob("context.detectors.endings", "FULL", "share of the window", 0.6, (0.3, 1.0), ("H1", "H2", "H4"), CLAIMS),
    Knob("context.detectors.endings", "OFF", "share of changed lines (H5)", 0.5, (0.25, 0.9), ("H1", "H2", "H4"), CLAIMS),
    Knob("context.detectors.endings", "LINES", "changed lines (H5)", 30, (15, 60), ("H1", "H2", "H4"), CLAIMS),
    Knob("context.said.claimed", "NEAR", "characters around a number", 80, (40, 160), ("H1", "H2", "H4"), CLAIMS),
    Knob("context.said.rising", "CHANCE", "chance of slips so late: then a candidate, else undecided", 0.01, (0.001, 0.1), ("J1", "J2", "J3"), ("spread",)),
    Knob("context.said.rising", "LEAST", "malformed calls: as CHANCE", 3, (2, 6), ("J1", "J2", "J3"), ("spread",)),
    Knob("context.done.pathnames", "CLOSE", "edits between two names", 2, (0, 1, 4), ("I1", "I3"), NAMES),
)

BOUNDS: Final = {
    "VERSION": "counts changes of a detector",
    "LARGEST": "bytes of a file from which on it is not read", "LONGEST": "characters or parts from which on a text is not read", "LONGEST_NUMBER": "digits of a number", "MOST_DIGITS": "digits of a number",
    "DEEPEST": "nesting from which on code is not followed", "MOST": "bytes, or items found by machine, at most", "ROOM": "bytes held in memory",
    "KEPT": "earlier looks held against a further one", "PAIRS": "pairs of trees held in memory", "LATELY": "judgements held in memory", "BITS": "size of a folded number", "LONG": "length of a folded literal",
    "SHOWN": "characters shown", "SUMMARY": "characters shown",
}  # fmt: skip
"""Names, a leading "_" aside, of what is no threshold: where reading ends, what is held and what is shown."""

KNOWN: Final = {
    "window.KEPT": "what Ollama keeps, not a threshold",
    "context.seen.questions.ESCAPED": "what JSON takes for a quote, not a threshold",
    "context.kept.instruction.SHORTEST": "letters of a name that stands in code in a request: an item of a task without a manifest, in no rate",
    "context.seen.tokens.CHARACTERS": "distances before anything was counted; decides no finding",
    "context.seen.tokens.DENSEST": "distances where a count can't be of these words; decides no finding",
    "context.seen.tokens.SPARSEST": "as DENSEST",
    "context.detectors.refusals.ASKED": "names a case", "context.detectors.refusals.CLOSED": "names a case", "context.detectors.refusals.OPEN": "names a case",
    "context.predicates.globs.FEW": "which of two engines looks; both find the same",
    "context.predicates.literals.WHOLE": "weight of all literals that are folded in one module",
    "context.predicates.textual.HEAD": "lines that a file's head has: what the predicate `headed` means",
}  # fmt: skip
"""Further constants that are none, each with why."""


def constants() -> Iterator[tuple[str, str, Value]]:
    """(module below harness.metrics, name, value) of every number that is a constant of a detector's module, of a scene's, or of what they import."""
    rooms = ROOT.joinpath(*ROOM.split(".")) / "detectors"
    modules = (*MAKES_SCENES, f"{ROOM}.roots", *(f"{ROOM}.detectors.{path.stem}" for path in rooms.glob("*.py")))
    for module in sorted(reached(modules)):
        for node in ast.parse(_file(module).read_text("utf-8")).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                yield from ((module.removeprefix("harness.metrics."), name, value) for name, value in _numbers(target, node.value))


def unlisted(listed: Iterable[Knob] = KNOBS) -> list[str]:
    """Constants that are neither a knob nor told to be none."""
    knobs = {f"{knob.module}.{knob.name}" for knob in listed}
    named = ((f"{module}.{name.lstrip('_')}", name.lstrip("_")) for module, name, _ in constants())
    return [full for full, name in named if full not in knobs and full not in KNOWN and name not in BOUNDS]


def misplaced() -> list[str]:
    """Knobs whose constant has another value now, and those whose passage stands not exactly once in its module."""
    found = {(module, name): value for module, name, value in constants()}
    plain = [f"{knob.module}.{knob.name}" for knob in KNOBS if not knob.text and found.get((knob.module, knob.name)) != knob.shipped]
    texts = ((knob, _file(f"harness.metrics.{knob.module}").read_text("utf-8")) for knob in KNOBS if knob.text)
    return plain + [f"{knob.module}: {knob.text}" for knob, source in texts if source.count(knob.text.format(knob.shipped)) != 1]


def _file(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


def reached(modules: Iterable[str]) -> set[str]:
    """These, and the modules of harness.metrics that they import, however far."""
    todo, seen = list(modules), set[str]()
    while todo:
        module = todo.pop()
        if module not in seen and module.startswith("harness.metrics") and _file(module).is_file():
            seen.add(module)
            todo += _imported(module)
    return seen


def _imported(module: str) -> list[str]:
    nodes = [node for node in ast.walk(ast.parse(_file(module).read_text("utf-8"))) if isinstance(node, ast.ImportFrom) and node.module]
    return [name for node in nodes for name in (str(node.module), *(f"{node.module}.{each.name}" for each in node.names))]


def _numbers(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, Value]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, number in zip(target.elts, value.elts, strict=True):
            yield from _numbers(one, number)
        return
    plain = all(isinstance(node, ast.Constant | ast.BinOp | ast.UnaryOp | ast.Tuple | ast.operator | ast.unaryop | ast.expr_context) for node in ast.walk(value))
    found = eval(compile(ast.Expression(value), "", "eval"), {"__builtins__": {}}) if plain else None  # arithmetic of our own sources
    for one in found if isinstance(found, tuple) else (found,):
        if isinstance(target, ast.Name) and isinstance(one, int | float) and not isinstance(one, bool):
            yield target.id, one
