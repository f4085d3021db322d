"""What a call leans upon being there: files that it reads or runs, tests and names in them, modules, options of the workspace's own scripts.

Only calls that failed over it, but for an option: a script that reads no arguments takes any of them without a word. Pure. (ls, find, grep, test, `--help`), making things, guarded commands and imports, modules of packages that the workspace has not, and shell
lines that cannot be read for sure lean upon nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from harness.metrics.context.done.history import text
from harness.metrics.context.done.imported import ROOTS, gives, has_word, module_file
from harness.metrics.context.done.interpreted import Run, imported, interpreted
from harness.metrics.context.done.pathnames import relative
from harness.metrics.context.done.shell_lines import Command, commands, directory, script
from harness.metrics.context.scene import Did, Scene, Turn

READERS = frozenset(("cat", "head", "tail", "nl", "wc", "less", "more"))
GONE = re.compile(r"no such file|can't open file|cannot open|file or directory not found|there is no such file", re.IGNORECASE)
UNKNOWN_TEST = re.compile(r"^ERROR: not found|no match in any of|^ERROR: found no collectors", re.MULTILINE | re.IGNORECASE)
BUILT = re.compile(
    r"(?:^|/)(?:build|dist|out|target|tmp|temp|htmlcov|node_modules|site-packages|__pycache__|\.[^/]+|[^/]+\.egg-info)(?:/|$)"
    r"|\.(?:pyc|log|tmp|lock|out|so|o|whl|gz|zip|db|sqlite)$"
)
"""Paths that are made by tools, or hidden: a snapshot need not hold them."""


NO_MODULE = re.compile(r"No module named '?([\w.]+)'?")
NO_NAME = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
OPTION = re.compile(r"--([A-Za-z][\w-]+)(?:=.*)?", re.DOTALL)
FINDS_OUT = frozenset(("help", "version", "usage"))
"""Options by which one learns what there is."""
REFUSED = r"(?:unrecogni[sz]ed|unknown|invalid|illegal|no such|unexpected|bad|unsupported)\s+(?:command[- ]line\s+)?(?:options?|arguments?|flags?|switch|parameters?)\b[^\n]*"
READS = re.compile(r"\$(?:\{)?[@*#1-9]|\b(?:getopts?|shift|argv)\b|^[^\S\n]*(?:\.|source)\s|\bset\s+--", re.MULTILINE)
"""A shell script that looks at its arguments, or lets another file do so."""


class Leaning(msgspec.Struct, frozen=True):
    """`path` normal and relative to the workdir; `name`: of a test, a name or an option in it, "" for the file itself; `what` of these."""

    turn: int
    did: Did
    path: str
    name: str = ""
    what: str = "test"


def leanings(scene: Scene) -> Iterator[Leaning]:
    """In order of calls."""
    home = here = ""
    for turn in scene.turns:
        for did in turn.calls:
            if did.name != "shell":
                yield from _of_tool(turn, did, home)
            elif not did.problem and here in ("", home):  # elsewhere, relative paths mean something else
                yield from _of_shell(scene, turn, did)
            stood = directory(did)
            here = stood or here
            home = home or ("" if re.search(r"\b(?:cd|pushd)\b", script(did)) else stood)


def _of_tool(turn: Turn, did: Did, home: str) -> Iterator[Leaning]:
    path = (did.arguments or {}).get("path")
    if did.name in ("read", "replace") and not did.ok and not did.problem and isinstance(path, str) and GONE.search(did.output):
        found = relative(path, home)
        if found and not BUILT.search(found):
            yield Leaning(turn.number, did, found)


def _of_shell(scene: Scene, turn: Turn, did: Did) -> Iterator[Leaning]:
    gone = bool(GONE.search(did.output) or UNKNOWN_TEST.search(did.output))
    files = scene.trees.files(did.before) if did.before else {}
    for command in commands(script(did)):
        if command.words[0] in ("cd", "pushd", "popd"):
            return
        if command.quiet:
            continue
        run = interpreted(command)
        if gone:
            yield from (Leaning(turn.number, did, *found) for found in _named(command, run, did.output))
        yield from (Leaning(turn.number, did, *found, what="name") for found in _modules(scene, files, run, did))
        yield from (Leaning(turn.number, did, *found, what="option") for found in _options(scene, files, run, did))


def _named(command: Command, run: Run, output: str) -> Iterator[tuple[str, str]]:
    """Files and tests that the command names and the output tells of."""
    for word in _paths(command, run):
        path, _, name = word.partition("::")
        found = "" if path.startswith("/") else relative(path)
        if found and not BUILT.search(found) and word in output:
            yield found, name.rpartition("::")[2].partition("[")[0]


def _modules(scene: Scene, files: Mapping[str, str], run: Run, did: Did) -> Iterator[tuple[str, str]]:
    """The module or name that an import in the command line itself failed over, where its package stands in the workspace."""
    asked = {(run.module, "")} if run.module else imported(run.code) if run.code else frozenset()
    if not asked or did.exit_code == 0:
        return
    for module in NO_MODULE.findall(did.output)[-1:]:
        if any(one == module or one.startswith(f"{module}.") for one, _ in asked):
            yield from ((path, "") for path in _missing(module, files))
    for name, module in NO_NAME.findall(did.output)[-1:]:
        path = module_file(module, "", files) if (module, name) in asked else ""
        if path and not gives(scene, files, path, name):
            yield path, name
        elif not path and (module, name) in asked:
            yield from ((path, "") for path in _missing(f"{module}.{name}", files))


def _missing(module: str, files: Mapping[str, str]) -> Iterator[str]:
    """Where the module would be; nowhere for a package that the workspace has not, and for what stands there after all."""
    inner, top = module.replace(".", "/"), module.partition(".")[0]
    root = next((root for root in ROOTS if any(path.startswith((f"{root}{top}/", f"{root}{top}.py")) for path in files)), None)
    if root is not None and not any(path.startswith((f"{root}{inner}/", f"{root}{inner}.")) for path in files):
        yield f"{root}{inner}.py"


def _options(scene: Scene, files: Mapping[str, str], run: Run, did: Did) -> Iterator[tuple[str, str]]:
    """Options given to a script of the workspace that it refused, or that it can't have read, and that no file spells in any way."""
    path = relative(run.script) if run.script else ""
    if path not in files:
        return
    words = text(scene, files[path])
    deaf = path.endswith((".sh", ".bash")) and not READS.search(words)
    for option in dict.fromkeys(found[1] for word in run.rest if (found := OPTION.fullmatch(word))):
        refused = deaf or re.search(rf"{REFUSED}{re.escape(option)}", did.output, re.IGNORECASE)
        if refused and option.lower() not in FINDS_OUT and not _spelt(scene, files, option):
            yield path, option


def _spelt(scene: Scene, files: Mapping[str, str], option: str) -> bool:
    """Whether a file of the workspace has it, also as a parameter would be written."""
    ways = {option, option.replace("-", "_")}
    return any(has_word(text(scene, oid), way) for oid in set(files.values()) for way in ways)


def _paths(command: Command, run: Run) -> tuple[str, ...]:
    """The words of one command that name files which must be there."""
    program, words = command.words[0].rpartition("/")[2], command.words[1:]
    if run.module:
        return _tested(run.rest) if run.module == "pytest" else ()
    if run.script or run.code:
        return tuple(path for path in (run.script,) if path.endswith((".py", ".sh", ".bash")))
    if program in ("pytest", "py.test"):
        return _tested(words)
    plain = tuple(word for word in words if not word.startswith(("-", "+")) and not word.isdigit())
    if program in READERS:
        return plain
    return plain[1:] if program == "sed" and not {"-e", "-f"} & set(words) else ()


def _tested(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if not word.startswith("-") and (".py" in word or "/" in word) and "=" not in word)
