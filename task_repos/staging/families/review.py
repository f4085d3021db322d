"""T5: a maintainer's review over many turns; later requests cite what was agreed, overturn it, and ask what came of it."""

from __future__ import annotations

import json
import re
from functools import partial

import msgspec

from harness.core.memory import Use
from harness.core.predicates import At, Calls, Constant, Every, Exists, Not, Occasion, Predicate
from task_repos.staging.chaining import AFTER
from task_repos.staging.draw import Draw
from task_repos.staging.families.decisions import NOTES, TOPICS, Script, Version, holding, script, telling, versions
from task_repos.staging.families.rename import covered, imported, moved, passing, test_path, test_point, touched
from task_repos.staging.families.reviewed import MADE_UP, Reviewed, hidden
from task_repos.staging.families.thread import WORDED
from task_repos.staging.graph import Target
from task_repos.staging.ground import Ground, turned
from task_repos.staging.rendering import caller_text
from task_repos.staging.rules import INDEX, LOG
from task_repos.staging.work import Act, Mind, Mutant, Point, Tree, Work, played, read, replace, shell, write

TEMPLATE, ASKING = "review", "review:question"


class Review:
    """Which function a stage is about is the seed's; what is agreed, overturned and asked stands at set places."""

    id, about, ruled, kinds, overturns = "T5", "a maintainer's review, whose later requests cite or overturn early decisions", True, WORDED, True

    def works(self, ground: Ground) -> tuple[Work, ...]:
        course = _course(ground)
        return tuple(_asked(course, stage) if stage == course.plan.question else _work(course, stage) for stage in range(ground.dials.stages))


FAMILY = Review()


class Course(msgspec.Struct, frozen=True):
    """The whole review. `targets`: by index of the stage, the question's left out; `lines`: versions by topic."""

    ground: Ground
    plan: Script
    lines: dict[str, list[Version]]
    targets: dict[int, Target]

    def at(self, stage: int) -> Reviewed:
        """What the stage is about. A function is reworked by the stage that overturns something right after it was made."""
        values: dict[str, tuple[str, ...]] = {topic: (holding(self.lines[topic], stage).value,) for topic in ("ids", "voids")}
        for topic, turn in self.plan.turns:
            if topic in values and self.before(turn) == stage:
                values[topic] += (holding(self.lines[topic], turn).value,)
        return Reviewed(self.ground, self.targets[stage], values["ids"], values["voids"])

    def before(self, stage: int) -> int:
        """The working stage before."""
        return stage - 2 if stage - 1 == self.plan.question else stage - 1

    def reworks(self, stage: int) -> tuple[Version, ...]:
        """What is overturned here and asks for rework."""
        return tuple(holding(self.lines[topic], stage) for topic, turn in self.plan.turns if turn == stage and topic != "notes")

    def reworked(self, stage: int) -> str:
        """Key of the stage that reworks the function of this one, or empty."""
        found = [turn for topic, turn in self.plan.turns if topic != "notes" and self.before(turn) == stage]
        return _key(self.targets[min(found)]) if found else ""

    def held(self, stage: int) -> dict[str, Version]:
        return {topic: holding(line, stage) for topic, line in self.lines.items()}


def _course(ground: Ground) -> Course:
    marks = sum(rule.telling.item.manner == "sleeper" for rule in ground.house.rules.values())
    plan = script(ground.dials.stages, marks, ground.dials.supersession, ground.dials.echoes)
    targets = turned(ground.graph.targets, ground.seed)
    working = {stage: target for stage, target in enumerate(targets) if stage != plan.question}
    return Course(ground, plan, versions(ground.draw.child("decisions"), plan), working)


def _key(target: Target) -> str:
    return f"review:{target.index}"


def _work(course: Course, stage: int) -> Work:
    one, ground = course.at(stage), course.ground
    draw, naming, held = ground.draw.child(_key(one.target)), ground.house.ids("naming"), course.held(stage)
    opening = draw.pick((
        f"In the review `{one.target.name}` (`{one.path}`) came up: people take what it gives for ids.", f"Next in the review is `{one.target.name}` in `{one.path}`, whose answers are shown as ids.",
        f"The review has come to `{one.path}`: what `{one.target.name}` gives is to be shown as we agreed.",
    ))  # fmt: skip
    points = [
        Point(_first(draw, one), one.shown(0), partial(_unshown, one), (one.path,), (held["ids"].id, held["voids"].id, *naming), until=course.reworked(stage)),
        Point(_second(draw, one), _used(one), partial(_unused, one), one.callers_paths, naming),
        test_point(ground, one.target, one.new, draw),
    ]  # fmt: skip
    points += [_rework(course, draw, stage, version) for version in course.reworks(stage)]
    text, names, keeps = hidden(one, note=held["notes"].value)
    for version in course.reworks(stage):
        more, name = course.at(course.before(stage)).follows(version)
        text, names = text + more, (*names, name)
    tells = tuple(telling(version, _checks(course, version)) for topic in TOPICS for version in course.lines[topic] if version.stage == stage)
    return Work(
        _key(one.target), TEMPLATE, opening, tuple(points), partial(_acts, course, stage), text, names, keeps, tells, made=(one.home.dotted, one.new),
    )


def _checks(course: Course, version: Version) -> tuple[tuple[Predicate, Occasion | None], ...]:
    """Wherever the version holds, what the stage makes has to show it."""
    stages = [stage for stage in course.targets if holding(course.lines[version.topic], stage) is version]
    return tuple((_shows(course.at(stage), version), At(stage + 1)) for stage in stages)


def _shows(one: Reviewed, version: Version) -> Predicate:
    if version.topic == "notes":
        return Exists(one.note) if version.value else Not(Exists(one.note))
    return Constant(one.path, one.constant(version.topic), json.dumps(version.value))


def _first(draw: Draw, one: Reviewed) -> str:
    (verb, thing), old, sign, void = one.target.fresh, one.target.name, one.constant("ids"), one.constant("voids")
    return draw.pick((
        f"Beside it comes a new function that takes the same, its name made of the words *{verb}* and *{thing}* in this order. It gives what `{old}` gives as an id, in the way that we agreed for ids, and our word for nothing where that is empty. Sign and word stand in the constants `{sign}` and `{void}` of the module.",
        f"Add a function (the words of its name: *{verb}*, then *{thing}*) with the parameters of `{old}`: it calls that and puts what we agreed for ids in front; for an empty answer it gives our word for nothing. Constants `{sign}` and `{void}` in the module hold the two.",
        f"The module gets the constants `{sign}`, as agreed for ids, and `{void}`, our word for nothing, and a new function named by the words *{verb}*, *{thing}* (that order). It takes what `{old}` takes and gives its answer with the sign in front, or the word if the answer is empty.",
    ))  # fmt: skip


def _second(draw: Draw, one: Reviewed) -> str:
    return draw.pick((
        f"Every caller of `{one.target.name}` in the package calls the new function instead.", f"Move all callers of `{one.target.name}` in the package over to the new function.",
        f"The callers that `{one.target.name}` has in the package use the new function in its place.",
    ))  # fmt: skip


def _used(one: Reviewed) -> Predicate:
    each = [(Calls(one.where(caller), caller.name, one.new), Not(Calls(one.where(caller), caller.name, one.target.name))) for caller in one.callers]
    return Every(tuple(ask for both in each for ask in both))


def _rework(course: Course, draw: Draw, stage: int, version: Version) -> Point:
    """The one made just before is to follow what has been decided now."""
    one = course.at(course.before(stage))
    what = "what we agree on ids now" if version.topic == "ids" else "our word for nothing as it is now"
    text = draw.pick((
        f"Rework what you made for point {AFTER}: it follows {what}. Leave the others.", f"The function of point {AFTER}, and it alone, is brought in line with {what}.",
        f"Of what you have made, only the function of point {AFTER} follows {what}.",
    ))  # fmt: skip
    former = version.before.value if version.before else MADE_UP

    def mutants(tree: Tree) -> tuple[Mutant, ...]:
        return Mutant("left as it was", one.other(tree, version.topic, former)), Mutant("made up", one.other(tree, version.topic, MADE_UP))

    return Point(text, _shows(one, version), mutants, (one.path,), (version.id,), ((_key(one.target), 0),))


def _acts(course: Course, stage: int, mind: Mind, tree: Tree) -> tuple[Act, ...]:
    """Search, read, add the function, move the callers, test it, note it, rework what is overturned."""
    one, house = course.at(stage), course.ground.house
    new, first = house.named(one.target.fresh, mind), _adding(course, stage, mind, tree)
    second = _moving(one, mind, played(tree, first))
    made = covered(course.ground, one.target, mind, new, one.own_test(new))
    notes = mind.values.get(course.held(stage)["notes"].id)
    noted = (write(one.note, f"`{one.path}`: shows what `{one.target.name}` gives as an id.\n"),) if notes == NOTES else ()
    return (
        Act(f"I look for the callers of {one.target.name}.", (shell(f"grep -rnw {one.target.name} --include=*.py ."),)),
        Act("I read its module, its tests and those that call it.", tuple(read(each) for each in (one.path, one.tests, *one.others))),
        Act(f"I add {new}.", (*first, *house.logged((one.path,), mind, f"`{new}`", tree))),
        Act("I move the callers.", (*second, *house.logged(one.others, mind, f"calls `{new}`", tree))),
        Act("I add a test, and what else belongs to it.", (*made, *noted)),
        *(_reworking(course, (stage, version), mind, tree) for version in course.reworks(stage)),
    )  # fmt: skip


def _said(mind: Mind, version: Version) -> str:
    """What the worker takes the decision to be."""
    return mind.values.get(version.id) or MADE_UP


def _adding(course: Course, stage: int, mind: Mind, tree: Tree) -> tuple[Use, ...]:
    one, ground, held = course.at(stage), course.ground, course.held(stage)
    new, path = ground.house.named(one.target.fresh, mind), one.path
    constants = f'{one.constant("ids")} = "{_said(mind, held["ids"])}"\n{one.constant("voids")} = "{_said(mind, held["voids"])}"\n'
    calls = [replace(path, one.target.text, f"{one.target.text}\n\n{constants}\n\n{ground.house.dressed(one.function(new), mind)}")]
    calls += [
        replace(path, caller_text(ground.graph, caller, one.target.name), caller_text(ground.graph, caller, new))
        for caller in one.callers if caller.module == one.target.module
    ]  # fmt: skip
    calls += imported(ground, path, tree, mind, warnings=False)
    return (*calls, *ground.house.trespasses(path, mind, played(tree, tuple(calls))))


def _moving(one: Reviewed, mind: Mind, tree: Tree) -> tuple[Use, ...]:
    new = one.ground.house.named(one.target.fresh, mind)
    calls = [call for caller in one.callers if caller.module != one.target.module for call in moved(one.ground, one.target, caller, tree, new)]
    calls += passing(one.ground, one.target, mind, played(tree, tuple(calls)))
    return (*calls, *touched(one.ground, one.target, mind, tree, new))


def _reworking(course: Course, turn: tuple[int, Version], mind: Mind, tree: Tree) -> Act:
    """A worker to whom nothing has changed looks and leaves it."""
    stage, version = turn
    one = course.at(course.before(stage))
    former, said, name = version.before.value if version.before else "", _said(mind, version), one.constant(version.topic)
    text = f"I rework {one.new}, which follows what holds now."
    if said == former:
        return Act(text, (read(one.path),))
    change = replace(one.path, f'{name} = "{former}"\n', f'{name} = "{said}"\n')
    house = course.ground.house
    log = house.logged((one.path,), mind, f"`{name}` as decided", tree)
    return Act(text, (read(one.path), change, *log, *house.trespasses(one.path, mind, played(tree, (change,)))))


def _unshown(one: Reviewed, tree: Tree) -> tuple[Mutant, ...]:
    renamed = tuple((path, re.sub(rf"\b{one.new}\b", f"other_{one.new}", text)) for path, text in tree.items() if path.endswith(".py") and re.search(rf"\b{one.new}\b", text))
    return (
        Mutant("a sign made up", one.other(tree, "ids", MADE_UP)), Mutant("a word made up", one.other(tree, "voids", MADE_UP)), Mutant("another name", renamed),
    )  # fmt: skip


def _unused(one: Reviewed, tree: Tree) -> tuple[Mutant, ...]:
    """One caller overlooked, and all of them."""
    def back(count: int) -> tuple[tuple[str, str | None], ...]:
        made = dict(tree)
        for caller in one.callers[-count:]:
            path, graph = one.where(caller), one.ground.graph
            made[path] = made[path].replace(caller_text(graph, caller, one.new), caller_text(graph, caller, one.target.name))
        return tuple((path, text) for path, text in made.items() if text != tree[path])

    return Mutant("a caller overlooked", back(1)), Mutant("no caller moved", back(len(one.callers)))


def _asked(course: Course, stage: int) -> Work:
    """The question for what the worker itself has made; its answer is in what it hands back."""
    draw, done = course.ground.draw.child(ASKING), _changed(course, stage)
    opening = draw.pick((
        "Before we go on: which files have you changed or added since the first request, and what is still open? Name the files by their paths in `done` and what is open in `not_done` when you hand this back. Nothing is to be changed for it.",
        "I have to report on the review so far. Hand back, without changing anything, a list of the paths of all files that you have changed or added (in `done`), and what is open (in `not_done`; nothing, if nothing is).",
        "Let us take stock: list by path every file that you changed or added up to now, in `done`, and in `not_done` what is open. No more than that; leave all as it is.",
    ))  # fmt: skip

    def look(_mind: Mind, _tree: Tree) -> tuple[Act, ...]:
        return (Act("I look at what has changed.", (shell("git status --short --untracked-files=all"),)),)

    return Work(ASKING, "question", opening, (), look, interlude=True, closing=f"changed or added: {', '.join(done)}")


def _changed(course: Course, stage: int) -> tuple[str, ...]:
    """By path, everything that the stages before have touched."""
    ground, found = course.ground, set[str]()
    for before in range(stage):
        one = course.at(before)
        found |= {one.path, *one.others, test_path(one.target)} | ({one.note} if course.held(before)["notes"].value == NOTES else set())
        if before % ground.dials.depth:
            found.add(f"tests/test_{_key(one.target).replace(':', '_')}_joined.py")
    return tuple(sorted(found | {path for ident, path in (("changelog", LOG), ("index", INDEX)) if ident in ground.house.rules}))
