"""Dependency: stages that build upon the one before, by what the worker itself has made there."""

from __future__ import annotations

import re

import msgspec

from harness.core.predicates import Says
from task_repos.staging.ground import Ground
from task_repos.staging.work import Act, Mind, Mutant, Point, Tree, Work, write

AFTER = "{after}"
"""Stands in a point's text for the number of the point that it builds on."""


def chained(ground: Ground, works: tuple[Work, ...], depth: int) -> tuple[Work, ...]:
    """Groups of `depth` stages in which each but the first also tests its function together with the one made just before."""
    return tuple(
        _joined(ground, work, works[place - 1]) if place % depth and work.made[0] and works[place - 1].made[0] else work for place, work in enumerate(works)
    )


def _joined(ground: Ground, work: Work, before: Work) -> Work:
    draw, path = ground.draw.child(f"chain/{work.key}"), f"tests/test_{work.key.replace(':', '_')}_joined.py"
    text = draw.pick((
        f"Add `{path}`, which tests the new function side by side with the one that you made for point {AFTER}.",
        f"In `{path}`, a new file, test both the new function and the one from point {AFTER}.",
        f"The new function and the one of point {AFTER} get a test together, in a new file `{path}`.",
    ))  # fmt: skip
    names = (before.made[1], work.made[1])

    def mutants(tree: Tree) -> tuple[Mutant, ...]:
        return Mutant("no such file", ((path, None),)), Mutant("one of them alone", ((path, tree[path].replace(names[0], "print")),))

    predicate = Says((path,), rf"\b{re.escape(names[0])}\b")
    point = Point(text, predicate, mutants, (path,), ground.house.ids("header", "index"), ((before.key, 0),))

    def acts(mind: Mind, tree: Tree) -> tuple[Act, ...]:
        lines = "".join(f"from {module} import {name}\n" for module, name in sorted((before.made, work.made)))
        body = f"{lines}\n\ndef test_joined() -> None:\n    assert callable({names[0]})\n    assert callable({names[1]})\n"
        calls = (write(path, ground.house.opened(body, mind)), *ground.house.indexed(path, mind))
        return (*work.acts(mind, tree), Act("I test both together.", calls))

    hidden = f'{work.hidden}\n\ndef test_joined() -> None:\n    assert mentions("{path}", "{names[0]}")\n    assert mentions("{path}", "{names[1]}")\n'
    return msgspec.structs.replace(work, points=(*work.points, point), acts=acts, hidden=hidden, names=(*work.names, "test_joined"))
