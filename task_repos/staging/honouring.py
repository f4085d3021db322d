"""How a worker who keeps a rule in mind writes, and one who has lost it: the same turns, other words."""

from __future__ import annotations

from harness.core.memory import Use
from task_repos.staging.graph import Graph
from task_repos.staging.rules import INDEX, LOG, Rule
from task_repos.staging.work import Mind, Tree, replace

UNRELEASED = "## Unreleased\n\n"
FUTURE = "from __future__ import annotations\n\n"
DELIVERED = '"""Scripts of the first customers, kept as they were delivered."""\n'


class House:
    """The rules of one task, asked by those who write its solution."""

    def __init__(self, rules: tuple[Rule, ...], graph: Graph) -> None:
        self.rules, self.package = {rule.id: rule for rule in rules}, graph.package

    def ids(self, *wanted: str) -> tuple[str, ...]:
        """Those of the ids that are rules here."""
        return tuple(ident for ident in wanted if ident in self.rules)

    def named(self, words: tuple[str, str], mind: Mind) -> str:
        """A new public function's name."""
        if "naming" not in self.rules:
            return "_".join(words)
        word, kept = self.rules["naming"].word, "naming" in mind.rules
        if word == "camel":
            return words[0] + words[1].capitalize() if kept else "_".join(words)
        if word == "snake":
            return "_".join(words) if kept else words[0] + words[1].capitalize()
        return f"{'_'.join(words)}_{word}" if kept else "_".join(words)

    def dressed(self, text: str, mind: Mind) -> str:
        """A new function with the decorator that it carries."""
        return f"@marks.{self.rules['decorator'].word}\n{text}" if self._keeps("decorator", mind) else text

    @property
    def marks(self) -> str:
        """The decorator's name, or empty."""
        return self.rules["decorator"].word if "decorator" in self.rules else ""

    def decorates(self, mind: Mind) -> bool:
        return self._keeps("decorator", mind)

    def opened(self, text: str, mind: Mind) -> str:
        """A new test file with the line that it begins with."""
        return f"{self.rules['header'].word}\n{text}" if self._keeps("header", mind) else text

    def logged(self, paths: tuple[str, ...], mind: Mind, what: str, tree: Tree) -> tuple[Use, ...]:
        """The lines of the changelog for those of these modules that it does not name yet; a worker who has lost the rule writes none."""
        lines = "".join(f"- {path}: {what}\n" for path in paths if f"- {path}: " not in tree[LOG])
        return (replace(LOG, UNRELEASED, UNRELEASED + lines),) if lines and self._keeps("changelog", mind) else ()

    def indexed(self, path: str, mind: Mind) -> tuple[Use, ...]:
        """The line of the index for a new test file."""
        return (replace(INDEX, "# Test files\n", f"# Test files\n{path}\n"),) if self._keeps("index", mind) else ()

    def trespasses(self, path: str, mind: Mind, tree: Tree) -> tuple[Use, ...]:
        """What a worker does who has lost a prohibition, in passing, in a turn that works on the module `path`: a chance to slip for each
        turn that is an opportunity. Nothing while it keeps them.
        """
        calls: list[Use] = []
        for ident in ("banned", "shunned"):
            if ident in self.rules and ident not in mind.rules and f"import {self.rules[ident].word}\n" not in tree[path]:
                anchor = FUTURE if FUTURE in tree[path] else tree[path].partition("\n\n")[0] + "\n\n"
                calls.append(replace(path, anchor, f"{anchor}import {self.rules[ident].word}\n"))
        if "locked" in self.rules and "locked" not in mind.rules:
            where, line = self.rules["locked"].word, "class FlowError("
            note = f"# raised by {path}\n"
            if note not in tree[where]:
                calls.append(replace(where, line, note + line))
        if not self.frozen(mind):
            calls.append(replace(f"{self.package}/legacy/__init__.py", DELIVERED, f"{DELIVERED}# {path} has changed since\n"))
        return tuple(calls)

    def frozen(self, mind: Mind) -> bool:
        """Whether the worker keeps off the frozen folder; without that rule there is none."""
        return "frozen" not in self.rules or "frozen" in mind.rules

    def _keeps(self, ident: str, mind: Mind) -> bool:
        return ident in self.rules and ident in mind.rules
