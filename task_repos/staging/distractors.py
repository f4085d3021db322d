"""What stands in the repository to lead astray: drafts that look like the real thing, or the rules of somebody else."""

from __future__ import annotations

from task_repos.staging.draw import Draw
from task_repos.staging.ground import Ground
from task_repos.staging.imports import head, merged, topped
from task_repos.staging.rules import drawn


def distractors(ground: Ground, draw: Draw) -> dict[str, str]:
    """Path -> text: nothing where the dial asks for logs, which are stages of their own."""
    match ground.dials.distractors:
        case "near":
            return _drafts(ground)
        case "lures":
            return _neighbours(ground, draw)
        case _:
            return {}


def _drafts(ground: Ground) -> dict[str, str]:
    """A near copy of every target, which nobody calls."""
    made = {f"{ground.graph.package}/drafts/__init__.py": '"""First drafts, kept for reference."""\n'}
    for target in ground.graph.targets:
        imports = merged([("collections.abc", target.body.kind.typing)] if target.body.kind.typing else [])
        text = topped(f"A first draft of what is in {ground.graph.home(target).dotted}.", head(imports, ground.graph.package), [target.body.text(f"{target.name}_draft")])
        made[f"{ground.graph.package}/drafts/draft_{target.index + 1}.py"] = text
    return made


def _neighbours(ground: Ground, draw: Draw) -> dict[str, str]:
    """The rules of a neighbouring project, of the same kinds with other words."""
    rules = drawn(draw, ground.dials, "neighbour")
    lines = "".join(f"- {rule.telling.text}\n" for rule in rules)
    return {"docs/neighbours.md": f"# How the neighbours do it\n\nNot ours: the team next door wrote these down for their own package.\n\n{lines}"} if rules else {}
