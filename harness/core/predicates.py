"""Predicates over a recorded tree, as data: what a milestone must show and what a constraint forbids. Read by parsing, never by running.

Paths are posix, relative to the workdir; `paths` and `but` are globs (`*` within a folder, `**` across). Names are dotted inside a module
(`Ledger.post`). "New" means: not in the tree that the agent began with.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec


class Exists(msgspec.Struct, frozen=True, tag="exists"):
    """A file or link stands there."""

    path: str


class Says(msgspec.Struct, frozen=True, tag="says"):
    """Some line of some of these files holds a match of the regular expression (of RE2: harness/core/patterns.py)."""

    paths: tuple[str, ...]
    pattern: str


class Silent(msgspec.Struct, frozen=True, tag="silent"):
    """No line of any of these files matches."""

    paths: tuple[str, ...]
    pattern: str
    but: tuple[str, ...] = ()


class Defines(msgspec.Struct, frozen=True, tag="defines"):
    """The module defines this name by itself: a function, class, method or assigned name; `kind` "" for any of them."""

    path: str
    name: str
    kind: Literal["", "function", "class", "value"] = ""


class Exports(msgspec.Struct, frozen=True, tag="exports"):
    """These names can be had from the module: defined there, or imported into it."""

    path: str
    names: tuple[str, ...]


class Absent(msgspec.Struct, frozen=True, tag="absent"):
    """The identifier is neither defined, imported, called nor read (as a name, an attribute or a keyword) in these files."""

    name: str
    paths: tuple[str, ...]
    but: tuple[str, ...] = ()


class Constant(msgspec.Struct, frozen=True, tag="constant"):
    """The assigned name has this literal value; `value` is JSON text, compared after folding of literals."""

    path: str
    name: str
    value: str


class Holds(msgspec.Struct, frozen=True, tag="holds"):
    """A literal equal to `value` (JSON text) stands in the code of some of these files; comments and docstrings do not count."""

    paths: tuple[str, ...]
    value: str


class Signature(msgspec.Struct, frozen=True, tag="signature"):
    """The function takes just these parameters in this order ("*" and "/" as written); `asynchronous` None for either."""

    path: str
    name: str
    parameters: tuple[str, ...]
    asynchronous: bool | None = None


class Calls(msgspec.Struct, frozen=True, tag="calls"):
    """Inside the function a call of `callee` stands (its last name is compared: `book.record` is a call of `record`)."""

    path: str
    name: str
    callee: str
    awaited: bool = False


class Awaits(msgspec.Struct, frozen=True, tag="awaits"):
    """The named functions are `async def`, and in no `async def` of these files a call of one of `blocking` stands (dotted, import aliases resolved)."""

    paths: tuple[str, ...]
    names: tuple[str, ...]
    blocking: tuple[str, ...]


class Warns(msgspec.Struct, frozen=True, tag="warns"):
    """`name` is a deprecated alias: it warns with `category` and leads to `target` (calls it)."""

    path: str
    name: str
    target: str
    category: str = "DeprecationWarning"


class Imports(msgspec.Struct, frozen=True, tag="imports"):
    """Each of these files imports `module` (or from it)."""

    module: str
    paths: tuple[str, ...]


class Shuns(msgspec.Struct, frozen=True, tag="shuns"):
    """None of these files imports `module` or anything below it."""

    module: str
    paths: tuple[str, ...]
    but: tuple[str, ...] = ()


class Acyclic(msgspec.Struct, frozen=True, tag="acyclic"):
    """The modules of this package import one another without a cycle, imports inside functions left out."""

    package: str


class Named(msgspec.Struct, frozen=True, tag="named"):
    """Every new definition of this kind in these files has a name that matches the whole pattern. Names that begin with two underscores are free."""

    paths: tuple[str, ...]
    pattern: str
    kind: Literal["function", "class", "method", "value", "file"] = "function"
    but: tuple[str, ...] = ()


class Headed(msgspec.Struct, frozen=True, tag="headed"):
    """Every new file among these begins, within its first three lines, with a line that matches."""

    paths: tuple[str, ...]
    pattern: str


class Unchanged(msgspec.Struct, frozen=True, tag="unchanged"):
    """These files are byte for byte those that the agent began with, none gone and none added."""

    paths: tuple[str, ...]


class Announced(msgspec.Struct, frozen=True, tag="announced"):
    """Every file among `paths` that differs from the beginning is named in a new line of `log`: by `name` of it ("stem" or "path")."""

    log: str
    paths: tuple[str, ...]
    name: Literal["stem", "path"] = "stem"


class Longest(msgspec.Struct, frozen=True, tag="longest"):
    """None of these files has more lines."""

    paths: tuple[str, ...]
    lines: int


class Decorated(msgspec.Struct, frozen=True, tag="decorated"):
    """Every new function among these files has a decorator, base or return annotation of this name."""

    paths: tuple[str, ...]
    by: str
    where: Literal["decorator", "annotation"] = "decorator"


class Tested(msgspec.Struct, frozen=True, tag="tested"):
    """These test ids pass: run in a grading container over the recorded tree, at the end of a stage only."""

    ids: tuple[str, ...]


class Every(msgspec.Struct, frozen=True, tag="every"):
    of: tuple[Predicate, ...]


class Some(msgspec.Struct, frozen=True, tag="some"):
    of: tuple[Predicate, ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    of: Predicate


Predicate: TypeAlias = (
    Exists | Says | Silent | Defines | Exports | Absent | Constant | Holds | Signature | Calls | Awaits | Warns | Imports | Shuns
    | Acyclic | Named | Headed | Unchanged | Announced | Longest | Decorated | Tested | Every | Some | Not
)


class Adds(msgspec.Struct, frozen=True, tag="adds"):
    """The turn adds a definition of this kind (or a file) in these files: each is an opportunity."""

    kind: Literal["function", "class", "method", "value", "file"]
    paths: tuple[str, ...]
    but: tuple[str, ...] = ()


class Edits(msgspec.Struct, frozen=True, tag="edits"):
    """The turn changes any of these files: one opportunity a turn."""

    paths: tuple[str, ...]


class Runs(msgspec.Struct, frozen=True, tag="runs"):
    """The turn runs a shell command that matches (a search), or one of the tools `run_tests`, `finish`: one opportunity a call.

    Work that is handed back in plain words is `finish`, too.
    """

    pattern: str


class At(msgspec.Struct, frozen=True, tag="at"):
    """The one opportunity stands at the end of this stage (requests count from 1)."""

    stage: int


Occasion: TypeAlias = Adds | Edits | Runs | At
"""When an item could be honoured or violated."""
