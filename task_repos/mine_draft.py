"""What is asked of the agent, drafted from what the project's own people wrote; a person reads it before it counts. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeVar

from task_repos.mine_change import Change, is_graded, is_source
from task_repos.mine_reading import is_module, module_name, taken, written
from task_repos.mine_structure import Demands

OPEN: Final = "[to be written: what is asked, in the words of someone who wants it]"
"""Stands where the project's people wrote nothing to go by; a draft that holds it can't be accepted."""
TRAILER: Final = re.compile(
    r"\s*(?:signed-off-by|co-authored-by|reviewed-by|acked-by|tested-by|reported-by|suggested-by|helped-by|cc|change-id|reviewed-on|pr-url|"
    r"git-svn-id|fixes|closes|closed|resolves|refs?|see(?: also)?|link|bug|issue|ticket|backport of)\s*:.*|\(cherry picked from .*|"
    r"merge (?:pull request|branch|branches|remote-tracking|tag|commit)\b.*|(?:pick|squash)\s+[0-9a-f]{7,}.*", re.IGNORECASE,
)  # fmt: skip
LINK: Final = re.compile(r"(?:[;,]?\s*\b(?:see(?: also)?|cf\.)\s+)?<?https?://[^\s)>\]]*>?|\bgit@\S+")
ROLE: Final = re.compile(r":(?:issue|pr|pull|user|ghsa|gh|commit):`[^`]*`", re.IGNORECASE)
MARKED: Final = re.compile(r"\(\s*(?:(?:fix(?:es|ed)?|close[sd]?|resolve[sd]?|refs?|see|pr|issue|gh-|#)\s*)*[#\w-]*#?\d+\s*\)", re.IGNORECASE)
NUMBER: Final = re.compile(r"(?:\b(?:fix(?:es|ed)?|close[sd]?|resolve[sd]?|refs?|see|pr|issue)\s+)?(?:[\w.-]+/[\w.-]+)?(?:#|\bGH-|\b[A-Z]{2,10}-)\d+\b", re.IGNORECASE)
SHA: Final = re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b")
EMPTY: Final = re.compile(r"(?<!\w)\(\s*[,;.]*\s*\)|\[\s*\]")
LEADING: Final = re.compile(r"^(\s*(?:[-*]\s+)?)[.:;,]+(?:\s+|$)")
"""What stood behind a number that is gone."""
FENCE: Final = re.compile(r"^\s*(?:```|~~~).*?^\s*(?:```|~~~)\s*$", re.MULTILINE | re.DOTALL)
LINE_LENGTH: Final = 15
MOST_NAMES: Final = 40
MOST_WORDS: Final = 20_000
LONGEST: Final = 400
"""Characters of a message and of a line: what is longer is no request."""
MOST_TEXTS: Final = 12
TEXT_LENGTH: Final = 8

Files = Mapping[str, bytes]
Key = TypeVar("Key")


def drafts(change: Change, trees: tuple[Files, Files], demands: Demands | None) -> tuple[str, ...]:
    """One text for each stage; `demands` of a refactoring. What can't be guessed and is graded stands at the end of the last."""
    secret = added(change, trees)
    asked = [cleaned(message, secret) or OPEN for message in change.messages]
    told = "\n".join(demanded(demands)) if demands else "\n".join(interface(trees))
    rest = "Behaviour stays as it is: the tests that pass now still pass." if demands else "The tests that pass now still pass, but for those that contradict this."
    last = "\n\n".join(part for part in (asked[-1], told, rest) if part)
    return tuple(f"{text}\n" for text in (*asked[:-1], last))


def cleaned(message: str, secret: frozenset[str] = frozenset()) -> str:
    """A message without ids, hashes, links, trailers and code of the solution (`secret`: stripped lines of it)."""
    lines: list[str] = []
    for line in (line[:LONGEST] for line in FENCE.sub("", message[:MOST_WORDS]).splitlines()):
        if TRAILER.fullmatch(line) or line.strip().strip("`") in secret:
            continue
        for form in (LINK, ROLE, MARKED, NUMBER, SHA, EMPTY):
            line = form.sub("", line)  # noqa: PLW2901 - one form after the other over the same line
        line = LEADING.sub(r"\1", line)  # noqa: PLW2901
        lines.append(re.sub(r"(?<=\S) {2,}", " ", line).rstrip().rstrip("([{"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return text if re.search(r"\w{2}", text) else ""


def added(change: Change, trees: tuple[Files, Files]) -> frozenset[str]:
    """Lines that the real solution writes, long enough to be told from words."""
    found: set[str] = set()
    for path in change.sources:
        old, new = ({line.strip() for line in tree.get(path, b"").decode("utf-8", "replace").splitlines()} for tree in trees)
        found |= {line for line in new - old if len(line) >= LINE_LENGTH}
    return frozenset(found)


def demanded(demands: Demands) -> Iterator[str]:
    """The structural checks in words: what they ask for can't be guessed, so it is said."""
    yield "Afterwards:"
    for (start, end), names in grouped(((start, end), name) for name, start, end in demands.moved):
        yield f"- {listed(names)}: written in `{end}` and no longer in `{start}`."
    yield from (renaming(*fact) for fact in demands.renamed)
    yield from (f"- `{path}` no longer writes {listed(names)}." for path, names in grouped(demands.gone))
    for (caller, path), names in grouped(((caller, path), name) for caller, path, name in demands.callers):
        yield f"- `{caller}` no longer takes {listed(names)} from `{path}`."
    for (path, wanted), places in grouped(((path, wanted), place) for path, place, wanted in demands.imports):
        yield f"- `{path}` {'imports from' if wanted else 'no longer imports from'} {listed(places)}."


def renaming(start: str, old: str, end: str, new: str) -> str:
    return f"- `{old}` of `{start}` is called `{new}`" + ("." if start == end else f" and written in `{end}`.")


def grouped(pairs: Iterable[tuple[Key, str]]) -> Iterator[tuple[Key, list[str]]]:
    found: dict[Key, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    yield from found.items()


def listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def interface(trees: tuple[Files, Files]) -> Iterator[str]:
    """Names and texts that the tests use and that the version before has not: without them nobody could meet the tests."""
    names = sorted(new_names(trees))[:MOST_NAMES]
    if names:
        yield "The tests use names that are not there yet:"
        yield from (f"- `{name}` from `{path}`" if name else f"- the module `{path}`" for path, name in names)
    texts = sorted(shared_texts(trees))[:MOST_TEXTS]
    if texts:
        yield from ([""] if names else [])
        yield "They look for these texts:"
        yield from (f"- {text!r}" for text in texts)


def new_names(trees: tuple[Files, Files]) -> set[tuple[str, str]]:
    """Pairs (module, name) that tests take from the project afterwards and could not take before."""
    before, after = trees
    modules = {module_name(path): path for path in after if is_module(path)}
    used: set[tuple[str, str]] = set()
    for path, tree in parsed(after, lambda path: is_graded(path) and path.endswith(".py")):
        if after[path] != before.get(path):
            used |= taken(tree, path, modules)
    have = {path: bound(tree) for path, tree in parsed(before, {path for path, _ in used}.__contains__)}
    found = {(path, name) for path, name in used if path not in before or lacks(have.get(path, {"*"}), name)}
    named = {path for path, name in found if name}
    return {(path, name) for path, name in found if name or path not in named}


def lacks(names: set[str], name: str) -> bool:
    """Whether a module certainly gives no such name; one that imports a star may give any."""
    return bool(name) and "*" not in names and name not in names


def bound(tree: ast.Module) -> set[str]:
    """Every name that a module may give: written, imported or assigned anywhere in it."""
    found = set(written(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def shared_texts(trees: tuple[Files, Files]) -> set[str]:
    """Texts that tests have got and that the solution writes: a message that is looked for, a key."""
    before, after = trees
    tests, old_tests = (texts(tree, lambda path: is_graded(path) and path.endswith(".py")) for tree in (after, before))
    code, old_code = (texts(tree, is_source) for tree in (after, before))
    fresh = code - old_code
    return {text for text in tests - old_tests - old_code if len(text) >= TEXT_LENGTH and any(text in other for other in fresh)}


def texts(tree: Files, chosen: Callable[[str], bool]) -> set[str]:
    found: set[str] = set()
    for _, module in parsed(tree, chosen):
        found |= {node.value for node in ast.walk(module) if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value}
    return found


def parsed(tree: Files, chosen: Callable[[str], bool]) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(tree):
        if chosen(path):
            try:
                yield path, ast.parse(tree[path])
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
