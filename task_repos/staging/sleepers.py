"""Release marks: told early, asked for once and late, as a further point of a stage that is about something else."""

from __future__ import annotations

import msgspec

from harness.core.predicates import Constant, Holds
from task_repos.staging.ground import Ground
from task_repos.staging.rules import Rule
from task_repos.staging.work import Act, Mind, Mutant, Point, Tree, Work, replace


def asked(ground: Ground, work: Work, rule: Rule) -> Work:
    """The stage with the point that asks for this mark."""
    number, path = rule.id[-1], f"{ground.graph.package}/settings.py"
    draw, constant = ground.draw.child(f"ask/{rule.id}"), f"RELEASE_MARK_{number}"
    text = draw.pick((
        f"It is time for release mark {number}: put it into `{constant}` in `{path}`.", f"Also set `{constant}` in `{path}`: release mark {number} is due.",
        f"`{path}` gets release mark {number} now, in `{constant}`.",
    ))  # fmt: skip
    point = Point(text, Constant(path, constant, f'"{rule.word}"'), lambda tree: _mutants(tree, path, constant, rule.word), (path,), (rule.id,))

    def acts(mind: Mind, tree: Tree) -> tuple[Act, ...]:
        known = mind.values.get(rule.id, rule.word) or "UNKNOWN-0000"
        call = replace(path, f'{constant} = ""\n', f'{constant} = "{known}"\n')
        log, slips = ground.house.logged((path,), mind, f"`{constant}`", tree), ground.house.trespasses(path, mind, tree)
        return (*work.acts(mind, tree), Act(f"I set {constant}.", (call, *log, *slips)))

    test = f"test_release_mark_{number}"
    hidden = f'{work.hidden}\n\ndef {test}() -> None:\n    from {ground.graph.package} import settings\n\n    assert settings.{constant} == "{rule.word}"\n'
    return msgspec.structs.replace(
        work, points=(*work.points, point), acts=acts, hidden=hidden, names=(*work.names, test), needs=(*work.needs, rule.id)
    )


def check(package: str, value: str) -> Holds:
    """What a sleeper's constraint looks for."""
    return Holds((f"{package}/**/*.py",), f'"{value}"')


def _mutants(tree: Tree, path: str, constant: str, word: str) -> tuple[Mutant, ...]:
    full = f'{constant} = "{word}"'
    return (
        Mutant("a mark made up", ((path, tree[path].replace(full, f'{constant} = "UNKNOWN-0000"')),)),
        Mutant("no mark", ((path, tree[path].replace(full, f'{constant} = ""')),)),
    )
