"""A syntax tree read once, without recursion, into the facts of a module."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final, TypeAlias

import msgspec

from harness.metrics.context.predicates.facts import Call, Definition, Import, Module
from harness.metrics.context.predicates.literals import Folder, canonical, is_literal
from harness.metrics.context.predicates.names import chain, mentioned, parameters

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class _At(msgspec.Struct, frozen=True):
    """Where a node stands. `scope`: module, class or function; `frames`: lists of the calls of every definition around it."""

    scope: str = "module"
    inside: tuple[str, ...] = ()
    frames: tuple[list[Call], ...] = ()
    inner: bool = False
    awaited: bool = False
    typing: bool = False


_Below: TypeAlias = tuple[ast.AST, _At]


_SILENT: Final = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
_FOLDED: Final = frozenset({ast.Constant, ast.JoinedStr, ast.UnaryOp, ast.BinOp, ast.List, ast.Tuple, ast.Set, ast.Dict})
_WORDS: Final[Mapping[type[ast.AST], tuple[str, ...]]] = {
    ast.Name: ("id",), ast.arg: ("arg",), ast.keyword: ("arg",), ast.Global: ("names",), ast.Nonlocal: ("names",), ast.MatchAs: ("name",),
    ast.MatchStar: ("name",), ast.MatchMapping: ("rest",), ast.ExceptHandler: ("name",), ast.MatchClass: ("kwd_attrs",),
}  # fmt: skip


class Reader:
    """Of one module. Words of definitions are kept until the walk is over, for their calls come after them."""

    def __init__(self) -> None:
        self._folder = Folder()
        self._definitions: list[tuple[Definition, list[Call]]] = []
        self._imports: list[Import] = []
        self._words: set[str] = set()
        self._chains: set[str] = set()
        self._literals: set[str] = set()
        self._calls: list[Call] = []
        self._warning: set[str] = set()
        self._offered: tuple[str, ...] | None = None

    def read(self, tree: ast.Module) -> Module:
        waiting: list[_Below] = [(node, _At()) for node in reversed(tree.body)]
        while waiting:
            node, at = waiting.pop()
            waiting += reversed([*self._visit(node, at)])
        found: dict[str, list[Definition]] = {}
        for one, calls in self._definitions:
            found.setdefault(one.name, []).append(msgspec.structs.replace(one, calls=tuple(calls)))
        definitions = {name: tuple(every) for name, every in found.items()}
        sets = (frozenset(self._words), frozenset(self._chains), frozenset(self._literals))
        return Module(definitions, tuple(self._imports), *sets, self._offered, tuple(self._calls))

    def _visit(self, node: ast.AST, at: _At) -> Iterable[_Below]:
        """Takes down what the node tells; the nodes below it that are still to be read, with where they stand."""
        kind = type(node)
        if kind in _FOLDED and is_literal(value := self._folder.value(node)):  # type: ignore[arg-type]
            self._literals.add(canonical(value))
        note, enter = self._NOTES.get(kind), self._ENTERED.get(kind)
        if note:
            note(self, node, at)
        return enter(self, node, at) if enter else self._rest(node, at)

    def _rest(self, node: ast.AST, at: _At) -> Iterable[_Below]:
        """The nodes below; names, nearly half of all nodes, are taken down at once."""
        found = []
        for below in _below(node):
            if type(below) is ast.Name:
                self._words.add(below.id)
            else:
                found.append((below, at))
        return found

    def _function(self, node: _Function, at: _At) -> Iterable[_Below]:
        asynchronous = isinstance(node, ast.AsyncFunctionDef)
        self._words.add(node.name)
        frames = at.frames
        if at.scope != "function":
            calls: list[Call] = []
            kind = "method" if at.scope == "class" else "function"
            one = Definition(".".join((*at.inside, node.name)), kind, parameters(node.args), asynchronous,  # type: ignore[arg-type]
                             tuple(map(_decorator, node.decorator_list)), returns=mentioned(node.returns))  # fmt: skip
            self._definitions.append((one, calls))
            frames = (*frames, calls)
        body = _At("function", (*at.inside, node.name), frames, asynchronous, typing=at.typing)
        outside = [*node.decorator_list, node.args, *filter(None, [node.returns]), *getattr(node, "type_params", [])]
        return [*((one, at) for one in outside), *((one, body) for one in node.body)]

    def _class(self, node: ast.ClassDef, at: _At) -> Iterable[_Below]:
        self._words.add(node.name)
        frames = at.frames
        if at.scope != "function":
            calls: list[Call] = []
            one = Definition(".".join((*at.inside, node.name)), "class", decorators=tuple(map(_decorator, node.decorator_list)),
                             bases=tuple(chain(base) for base in node.bases))  # fmt: skip
            self._definitions.append((one, calls))
            frames = (*frames, calls)
        scope = "class" if at.scope != "function" else "function"
        body = msgspec.structs.replace(at, scope=scope, inside=(*at.inside, node.name), frames=frames)
        outside = [*node.decorator_list, *node.bases, *node.keywords, *getattr(node, "type_params", [])]
        return [*((one, at) for one in outside), *((one, body) for one in node.body)]

    def _lambda(self, node: ast.Lambda, at: _At) -> Iterable[_Below]:
        return [(node.args, at), (node.body, msgspec.structs.replace(at, scope="function", inner=False, awaited=False))]

    def _if(self, node: ast.If, at: _At) -> Iterable[_Below]:
        types = msgspec.structs.replace(at, typing=True) if chain(node.test).rpartition(".")[2] == "TYPE_CHECKING" else at
        return [(node.test, at), *((one, types) for one in node.body), *((one, at) for one in node.orelse)]

    def _sentence(self, node: ast.Expr, at: _At) -> Iterable[_Below]:
        """A text that stands alone is a docstring or a comment, no literal of the code."""
        return [] if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) else [(node.value, at)]

    def _attribute(self, node: ast.Attribute, _at: _At) -> None:
        self._words.add(node.attr)
        self._chains.add(chain(node))

    def _type_alias(self, node: ast.AST, at: _At) -> None:
        self._value(chain(node.name), None, at)  # type: ignore[attr-defined]

    def _worded(self, node: ast.AST, _at: _At) -> None:
        """Identifiers that a node holds as plain words."""
        for field in _WORDS[type(node)]:
            held = getattr(node, field)
            self._words.update(held if isinstance(held, list) else [held] if held else [])

    def _import(self, node: ast.Import | ast.ImportFrom, at: _At) -> Iterable[_Below]:
        for alias in node.names:
            self._words.update(filter(None, (*alias.name.split("."), alias.asname)))
            inside = at.scope == "function"
            if isinstance(node, ast.Import):
                bound = alias.asname or alias.name.partition(".")[0]
                self._imports.append(Import(alias.name, "", 0, bound, inside, at.typing))
                continue
            self._warning |= {alias.asname} if alias.asname and "warn" in alias.name else set()
            self._words.update(filter(None, (node.module or "").split(".")))
            self._imports.append(Import(node.module or "", alias.name, node.level, alias.asname or alias.name, inside, at.typing))
        return ()

    def _awaiting(self, node: ast.Await | ast.AsyncWith | ast.AsyncFor, at: _At) -> Iterable[_Below]:
        waits = msgspec.structs.replace(at, awaited=True)
        match node:
            case ast.Await():
                return [(node.value, waits)]
            case ast.AsyncWith():
                return [*((one, waits) for one in node.items), *((one, at) for one in node.body)]
            case _:
                return [(node.target, at), (node.iter, waits), *((one, at) for one in (*node.body, *node.orelse))]

    def _called(self, node: ast.Call, at: _At) -> None:
        given = [*node.args, *(one.value for one in node.keywords)]
        name = chain(node.func)
        # Only of warnings does anybody ask what they are given; asked of every call, nested ones would cost the square of their depth.
        names = tuple(word for one in given for word in mentioned(one)) if "warn" in name or name in self._warning else ()
        call = Call(name, names, at.awaited, at.inner)
        text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if call.name in ("importlib.import_module", "import_module", "__import__") and isinstance(text, str) and not text.startswith("."):
            self._imports.append(Import(text, "", 0, "", at.scope == "function", at.typing))
        for frame in at.frames:
            frame.append(call)
        self._calls.append(call)

    def _assigned(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr, at: _At) -> None:
        if at.scope == "function":
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(node, ast.AugAssign):
                self._more(target, node.value, at)
            elif node.value is not None or at.scope == "class":
                self._bind(target, node.value, at)

    def _more(self, target: ast.expr, value: ast.expr, at: _At) -> None:
        """`__all__ += [...]`; any other name's value is not known from here on."""
        added = _names(self._folder.value(value))
        if chain(target) == "__all__" and at.scope == "module":
            self._offered = (*self._offered, *added) if self._offered is not None and added is not None else None
        else:
            self._bind(target, None, at)

    def _bind(self, target: ast.expr, value: ast.expr | None, at: _At) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            rows = value.elts if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts) else [None] * len(target.elts)
            for one, row in zip(target.elts, rows, strict=True):
                self._bind(one, row, at)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, None, at)
        elif isinstance(target, ast.Name):
            self._value(target.id, value, at)

    def _value(self, name: str, value: ast.expr | None, at: _At) -> None:
        if at.scope == "function" or not name:
            return
        known = self._folder.value(value) if value is not None else None
        literal = value is not None and is_literal(known)
        if at.scope == "module":
            self._folder.names.pop(name, None)
            if literal:
                self._folder.names[name] = known
            if name == "__all__":
                self._offered = _names(known) if literal else None
        one = Definition(".".join((*at.inside, name)), "value", value=canonical(known) if literal else None)
        self._definitions.append((one, []))

    def _bound_by(self, node: ast.For | ast.With, at: _At) -> None:
        if at.scope != "function":
            for target in [node.target] if isinstance(node, ast.For) else [one.optional_vars for one in node.items if one.optional_vars]:
                self._bind(target, None, at)

    _NOTES: ClassVar[dict[type[ast.AST], Callable[[Any, Any, _At], None]]] = {
        **dict.fromkeys(_WORDS, _worded), ast.Attribute: _attribute, ast.Call: _called,
        **dict.fromkeys((ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr), _assigned),
        **dict.fromkeys((ast.For, ast.With), _bound_by),
        **({ast.TypeAlias: _type_alias} if hasattr(ast, "TypeAlias") else {}),
    }  # fmt: skip
    _ENTERED: ClassVar[dict[type[ast.AST], Callable[[Any, Any, _At], Iterable[_Below]]]] = {
        **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef), _function), ast.ClassDef: _class, ast.Lambda: _lambda,
        **dict.fromkeys((ast.Import, ast.ImportFrom), _import), ast.If: _if, ast.Expr: _sentence,
        **dict.fromkeys((ast.Await, ast.AsyncWith, ast.AsyncFor), _awaiting),
    }  # fmt: skip


def _decorator(node: ast.expr) -> str:
    return chain(node.func) if isinstance(node, ast.Call) else chain(node)


def _names(value: object) -> tuple[str, ...] | None:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else None  # Python would not write every number


def _below(node: ast.AST) -> Iterator[ast.AST]:
    """Without what says nothing more: contexts and operators."""
    for field in node._fields:
        held = getattr(node, field, None)
        if isinstance(held, list):
            yield from (one for one in held if isinstance(one, ast.AST))
        elif isinstance(held, ast.AST) and not isinstance(held, _SILENT):
            yield held
