"""Import lines in the order that isort keeps, and the passages to replace where one is added."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

FUTURE = "from __future__ import annotations\n"
BARE = re.compile(r"^import \w+\n", re.MULTILINE)
STANDARD = frozenset({"argparse", "collections", "dataclasses", "enum", "io", "json", "pathlib", "typing", "warnings"})


def merged(wanted: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, set[str]]:
    """Module -> names; an empty set for the module itself."""
    made: dict[str, set[str]] = {}
    for module, names in wanted:
        made.setdefault(module, set()).update(names)
    return made


def head(imports: Mapping[str, set[str]], package: str) -> str:
    """The lines of all imports: standard library, packages, the package's own."""
    groups: tuple[list[str], ...] = ([], [], [])
    for module in sorted(imports, key=lambda name: (bool(imports[name]), name)):
        top = module.partition(".")[0]
        groups[2 if top == package else 0 if top in STANDARD else 1].append(line(module, imports[module]))
    return "\n".join([FUTURE, *("".join(group) for group in groups if group)])


def line(module: str, names: Iterable[str]) -> str:
    given = ordered(names)
    return f"from {module} import {', '.join(given)}\n" if given else f"import {module}\n"


def ordered(names: Iterable[str]) -> list[str]:
    """Constants, classes, the rest."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[:1].isupper(), name))


def topped(doc: str, imports: str, parts: list[str]) -> str:
    """A whole module; one empty line before constants, two before the rest."""
    body = "\n\n".join(part.strip("\n") + "\n" for part in parts)
    gap = "\n\n" if body.startswith(("class ", "def ", "@")) else "\n"
    return f'"""{doc}"""\n\n{imports}{gap}{body}'


def swapped(text: str, module: str, gone: str, come: tuple[str, ...]) -> tuple[str, str]:
    """(old line, new line) for an import of `gone` from the module, in whose place `come` are imported. Raises ValueError."""
    for old in re.findall(rf"^from {re.escape(module)} import .*\n", text, re.MULTILINE):
        names = old.partition(" import ")[2].strip().split(", ")
        if gone in names:
            return old, line(module, [*(name for name in names if name != gone), *come])
    raise ValueError(f"no import of {gone} from {module}")


def with_bare(text: str, name: str) -> tuple[str, str]:
    """(passage, passage) that add `import name` of the standard library."""
    lines = BARE.findall(text)
    before = [each for each in lines if each < f"import {name}\n"]
    if before:
        return before[-1], f"{before[-1]}import {name}\n"
    if lines:
        return lines[0], f"import {name}\n{lines[0]}"
    rest = text.partition(FUTURE + "\n")[2]
    joins = rest.startswith("from ") and rest.split(" ")[1].partition(".")[0] in STANDARD
    return FUTURE + "\n", f"{FUTURE}\nimport {name}\n" + ("" if joins else "\n")


def with_sibling(text: str, package: str, name: str) -> tuple[str, str]:
    """(passage, passage) that add `from package import name`, which stands first among the package's own."""
    lines = [each for each in text[text.index(FUTURE) :].splitlines() if each.startswith(("from ", "import "))]
    foreign = [each for each in lines if not each.startswith(f"from {package}")]
    last = f"{foreign[-1]}\n\n"
    return last, f"{last}from {package} import {name}\n" + ("" if len(lines) > len(foreign) else "\n")
