"""T3: from blocking to async, one layer by each stage: a function gets an async counterpart, and those that call it await that."""

from __future__ import annotations

import re
from functools import partial

from harness.core.memory import Item, Use
from harness.core.predicates import Awaits, Calls, Constant, Every, Not, Predicate, Signature
from task_repos.staging.chaining import AFTER
from task_repos.staging.draw import Draw
from task_repos.staging.families.line import Rung, blocking, ground, rungs, ticket, upwards, waits
from task_repos.staging.families.rename import answer, everything, passing, test_path, test_point
from task_repos.staging.graph import Caller, Target
from task_repos.staging.ground import Ground, turned
from task_repos.staging.imports import line, with_sibling
from task_repos.staging.kinds import KINDS
from task_repos.staging.lexicon import code, nonce
from task_repos.staging.rendering import arguments, called_value, caller_text, shown, value
from task_repos.staging.work import Act, Mind, Mutant, Point, Telling, Tree, Work, played, read, replace, shell, write

TEMPLATE = "await"
OWN = """
def test_own_test() -> None:
    assert mentions("{path}", "{name}")


def blocked(seconds: float) -> None:
    raise AssertionError("it blocks")
"""


class Waiting:
    """Columns of three layers. Where a column stands among the others is the seed's; within it the lowest layer comes first."""

    id, about, ruled, kinds = "T3", "from blocking to async, one layer by each stage, from the leaves upwards", True, KINDS
    laid = staticmethod(ground)

    def works(self, ground: Ground) -> tuple[Work, ...]:
        found = rungs(ground.graph)
        made = [work(ground, found[target.index]) for target in ground.graph.targets]
        order = [int(each.key.partition(":")[2]) for each in turned(tuple(made), ground.seed)]
        return tuple(made[index] for index in upwards(order, found))


FAMILY = Waiting()


class Layer:
    """What a stage is about. `new`: how the async function is called by who keeps all rules; `under`: how that of the layer below is."""

    def __init__(self, ground: Ground, rung: Rung) -> None:
        draw, self.ground, self.rung, self.target = ground.draw.child(f"line/{rung.target.name}"), ground, rung, rung.target
        self.home, self.callers = ground.graph.home(rung.target), ground.graph.calling(rung.target)
        self.path, self.new = self.home.path, ground.house.named(rung.target.fresh, everything(ground))
        self.under = ground.house.named(rung.below.fresh, everything(ground)) if rung.below else ""
        self.id, self.desk, self.key = f"key{rung.target.index + 1}", nonce(draw).capitalize(), code(draw)
        self.constant = f"{rung.target.fresh[1].upper()}_KEY"
        self.text = draw.pick((
            f"The line of the {self.desk} desk opens with the key `{self.key}`.", f"`{self.key}` is the key to the line of the {self.desk} desk.",
            f"To the line of the {self.desk} desk the key is `{self.key}`.",
        ))  # fmt: skip
        self.others = tuple(dict.fromkeys(ground.graph.modules[each.module].path for each in self.callers if each.module != rung.target.module))
        self.blocks = (f"{ground.graph.package}.line.wait", f"{ground.graph.package}.line.settled", "time.sleep", "asyncio.run")

    def telling(self) -> Telling:
        return Telling(Item(self.id, "fact", self.text, (self.key,), value=self.key), self.text)

    def where(self, caller: Caller) -> str:
        return self.ground.graph.modules[caller.module].path

    def before(self, caller: Caller) -> str:
        return caller_text(self.ground.graph, caller, self.target.name)

    def after(self, caller: Caller, new: str = "") -> str:
        return caller_text(self.ground.graph, caller, f"await {new or self.new}").replace("def ", "async def ", 1)

    def counterpart(self, new: str, mind: Mind) -> str:
        """The async function, decorated where there is a rule and it is kept."""
        drawn = ticket(self.ground.graph, self.rung, f"await {self.under}")
        text = waits(self.target.body.text(new).replace("def ", "async def ", 1), f"await take({drawn}, {self.constant})")
        return self.ground.house.dressed(text, mind)


def work(ground: Ground, rung: Rung) -> Work:
    """The stage about this function."""
    layer = Layer(ground, rung)
    draw, house = ground.draw.child(f"await/{rung.target.name}"), ground.house
    opening = draw.pick((
        f"`{rung.target.name}` in `{layer.path}` blocks while it stands in line. That is to end.", f"Next from blocking to async: `{rung.target.name}` in `{layer.path}`.",
        f"This one is about `{rung.target.name}` (`{layer.path}`), which blocks in `wait` of `{ground.graph.package}.line`.",
    ))  # fmt: skip
    after = ((key(rung.below), 0),) if rung.below else ()
    callers = tuple(dict.fromkeys(map(layer.where, layer.callers)))
    points = (
        Point(_first(draw, layer), _counterpart(layer), partial(_blocked, layer), (layer.path,), (layer.id, *house.ids("naming")), after),
        Point(_second(draw, layer), _awaited(layer), partial(_unawaited, layer), callers, house.ids("naming")),
        test_point(ground, rung.target, layer.new, draw),
    )  # fmt: skip
    names = ("test_counterpart", "test_key_opens_the_line", "test_callers_await", "test_nothing_blocks", "test_own_test")
    return Work(
        key(rung.target), TEMPLATE, opening, points, partial(acts, layer), _hidden(layer), names, keeps=("test_blocking_one_stays", "test_callers_answers"),
        tells=(layer.telling(),), needs=(layer.id,), made=(layer.home.dotted, layer.new),
    )  # fmt: skip


def key(target: Target) -> str:
    return f"await:{target.index}"


def _first(draw: Draw, layer: Layer) -> str:
    (verb, thing), old, package = layer.target.fresh, layer.target.name, layer.ground.graph.package
    which = f"the key of the {layer.desk} desk's line" + draw.pick((" (I have told you)", " (as told)", " (you know it)"))
    below = layer.rung.below
    drawn = f" Where `{old}` calls `{below.name}` for its ticket, it awaits the function that you made for point {AFTER}." if below else f" Its ticket is the one that `{old}` has."
    return draw.pick((
        f"Below it comes an async counterpart with the same parameters and the same answer, its name made of the words *{verb}* and *{thing}* in this order. Instead of `wait` it awaits `take` of `{package}.line` with {which}, kept in a constant `{layer.constant}` of the module.{drawn} `{old}` itself stays as it is.",
        f"Write its async counterpart beside it (the words of the name: *{verb}*, then *{thing}*; parameters and answer as they are). It awaits `take` of `{package}.line` where the other calls `wait`, with {which} in the module's new constant `{layer.constant}`.{drawn} Leave `{old}` alone.",
        f"The module gets an async function, named by the words *{verb}*, *{thing}* (that order), with parameters and answer of `{old}`, which stays. It awaits `take` of `{package}.line` in place of `wait`; the key that this asks for is {which}, and stands in a constant `{layer.constant}`.{drawn}",
    ))  # fmt: skip


def _second(draw: Draw, layer: Layer) -> str:
    old, above = layer.target.name, layer.rung.above
    but = f" (but for `{above.name}`, whose own turn comes later)" if above else ""
    return draw.pick((
        f"Every function of the package that calls `{old}`{but} becomes `async def` under the name that it has, and awaits the new one instead.",
        f"All callers of `{old}` in the package{but} become async, keep their names, and await the new function.",
        f"Whatever function of the package calls `{old}`{but}: make it an `async def` of the same name that awaits the new function.",
    ))  # fmt: skip


def _counterpart(layer: Layer) -> Predicate:
    names = tuple(re.findall(r"(\w+): ", layer.target.text.partition(")")[0]))
    below = (Calls(layer.path, layer.new, layer.under, awaited=True),) if layer.under else ()
    return Every((
        Signature(layer.path, layer.new, names, asynchronous=True), Constant(layer.path, layer.constant, f'"{layer.key}"'),
        Calls(layer.path, layer.new, "take", awaited=True), *below, Awaits((layer.path,), (layer.new,), layer.blocks),
    ))  # fmt: skip


def _awaited(layer: Layer) -> Predicate:
    each = [(Calls(layer.where(one), one.name, layer.new, awaited=True), Not(Calls(layer.where(one), one.name, layer.target.name))) for one in layer.callers]
    paths = tuple(dict.fromkeys(map(layer.where, layer.callers)))
    return Every((*(ask for both in each for ask in both), Awaits(paths, tuple(one.name for one in layer.callers), layer.blocks)))


def acts(layer: Layer, mind: Mind, tree: Tree) -> tuple[Act, ...]:
    """Search, read, write the counterpart, let the callers await it, test."""
    house, new, old = layer.ground.house, layer.ground.house.named(layer.target.fresh, mind), layer.target.name
    first = _writing(layer, mind, tree)
    second = _moving(layer, new, played(tree, first))
    second = (*second, *passing(layer.ground, layer.target, mind, played(tree, (*first, *second))), *_touched(layer, mind, tree, new))
    calls = "".join(f"    assert asyncio.run({new}({arguments(sample)})) == {shown(value(layer.target, sample))}\n" for sample in layer.target.body.kind.samples)
    test = house.opened(f"import asyncio\n\nfrom {layer.home.dotted} import {new}\n\n\ndef test_{new}() -> None:\n{calls}", mind)
    return (
        Act(f"I look for the callers of {old}.", (shell(f"grep -rnw {old} --include=*.py ."),)),
        Act("I read its module and those that call it.", tuple(read(each) for each in (layer.path, *layer.others))),
        Act(f"I write {new} beside it, and what calls it there awaits it.", (*first, *house.logged((layer.path,), mind, f"`{new}`, the async `{old}`", tree))),
        Act("I let the other callers await it.", (*second, *house.logged(layer.others, mind, f"awaits `{new}`", tree))),
        Act("I add a test.", (write(test_path(layer.target), test), *house.indexed(test_path(layer.target), mind))),
    )  # fmt: skip


def _writing(layer: Layer, mind: Mind, tree: Tree) -> tuple[Use, ...]:
    """The constant, the function, the callers beside it, what the module imports."""
    graph, house, path = layer.ground.graph, layer.ground.house, layer.path
    known, new, old = mind.values.get(layer.id, layer.key) or "UNKNOWN-0000", house.named(layer.target.fresh, mind), blocking(layer.ground.graph, layer.rung)
    calls = [replace(path, old, f'{old}\n\n{layer.constant} = "{known}"\n\n\n{layer.counterpart(new, mind)}')]
    calls += [replace(path, layer.before(one), layer.after(one, new)) for one in layer.callers if one.module == layer.target.module]
    now = played(tree, tuple(calls))
    calls += fitted(now[path], path, f"{graph.package}.line", "take")
    if layer.rung.below:
        calls += fitted(played(now, tuple(calls[-1:]))[path], path, graph.home(layer.rung.below).dotted, layer.under)
    if house.decorates(mind) and f"from {graph.package} import marks\n" not in tree[path]:
        calls.append(replace(path, *with_sibling(played(tree, tuple(calls))[path], graph.package, "marks")))
    return (*calls, *house.trespasses(path, mind, played(tree, tuple(calls))))


def _moving(layer: Layer, new: str, tree: Tree) -> tuple[Use, ...]:
    """The callers in other modules, each on the text that the one before leaves; an import goes with its last use."""
    calls = [replace(layer.where(one), layer.before(one), layer.after(one, new)) for one in layer.callers if one.module != layer.target.module]
    now = played(tree, tuple(calls))
    for path in layer.others:
        calls += fitted(now[path], path, layer.home.dotted, new, layer.target.name)
    return tuple(calls)


def fitted(text: str, path: str, module: str, come: str, gone: str = "") -> list[Use]:
    """The call, if one is needed, by which a file imports `come` from the module too, and `gone` no more where nothing uses it."""
    for old in re.findall(rf"^from {re.escape(module)} import .*\n", text, re.MULTILINE):
        names = old.partition(" import ")[2].strip().split(", ")
        used = len(re.findall(rf"\b{re.escape(gone)}\b", text)) > 1 if gone else True
        wanted = {*(name for name in names if name != gone or used), come}
        return [] if wanted == set(names) else [replace(path, old, line(module, wanted))]
    raise ValueError(f"no import from {module} in {path}")


def _touched(layer: Layer, mind: Mind, tree: Tree, new: str) -> tuple[Use, ...]:
    """What a worker does to the frozen folder who has lost that rule: its caller becomes async like the others."""
    if layer.ground.house.frozen(mind):
        return ()
    one = layer.callers[0]
    path = next(each for each in tree if "/legacy/" in each and f"def old_{one.name}(" in tree[each])
    before, after = (text.replace(f"def {one.name}(", f"def old_{one.name}(") for text in (layer.before(one), layer.after(one, new)))
    calls = (replace(path, before, after),)
    return (*calls, *fitted(played(tree, calls)[path], path, layer.home.dotted, new, layer.target.name))


def _hidden(layer: Layer) -> str:
    graph, target = layer.ground.graph, layer.target
    samples, expected = target.body.kind.samples, [called_value(graph, one, "") for one in layer.callers]
    imports = "".join(f"    from {graph.modules[one.module].dotted} import {one.name}\n" for one in layer.callers)
    runs = "".join(f"    assert asyncio.run({one.name}({shown(one.link.sample)})) == {shown(found)}\n" for one, found in zip(layer.callers, expected, strict=True))
    return f"""import asyncio
import inspect


def test_counterpart() -> None:
    from {layer.home.dotted} import {layer.new} as new

    assert inspect.iscoroutinefunction(new)
{"".join(f"    assert asyncio.run(new({arguments(sample)})) == {shown(value(target, sample))}{chr(10)}" for sample in samples)}

def test_key_opens_the_line() -> None:
    from {layer.home.dotted} import {layer.constant}, {layer.new} as new
    from {graph.package} import line

    asyncio.run(new({arguments(samples[0])}))
    assert {layer.constant} == "{layer.key}"
    assert line.OPENED[-1][0] == "{layer.key}"


def test_callers_await() -> None:
{_calls(layer)}

def test_nothing_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    {imports.strip()}

    monkeypatch.setattr("time.sleep", blocked)
{runs}

def test_blocking_one_stays() -> None:
    from {layer.home.dotted} import {target.name}

    assert {target.name}({arguments(samples[0])}) == {shown(value(target, samples[0]))}


def test_callers_answers() -> None:
    from {graph.package}.line import settled

{_answers(layer, expected)}
{OWN.format(path=test_path(target), name=layer.new)}"""


def _calls(layer: Layer) -> str:
    """That each caller calls the new function, and that none calls the old one."""
    awaited = "".join(f'    assert calls("{layer.where(one)}", "{one.name}", "{layer.new}")\n' for one in layer.callers)
    return awaited + "".join(f'    assert not calls("{layer.where(one)}", "{one.name}", "{layer.target.name}")\n' for one in layer.callers)


def _answers(layer: Layer, expected: list[object]) -> str:
    """What the callers give for their samples, async or not."""
    each = (answer(layer.ground, one, found).replace(f"assert {one.name}(", f"assert settled({one.name}(") for one, found in zip(layer.callers, expected, strict=True))
    return "\n".join(text.replace(") ==", ")) ==") for text in each)


def _blocked(layer: Layer, tree: Tree) -> tuple[Mutant, ...]:
    """A key made up, a counterpart that blocks after all, one that is none."""
    path, text = layer.path, layer.counterpart(layer.new, everything(layer.ground))
    blocks = text.replace("    await take(", "    wait(").replace(f", {layer.constant})", ")")
    return (
        Mutant("a key made up", ((path, tree[path].replace(layer.key, "UNKNOWN-0000")),)),
        Mutant("a counterpart that blocks", ((path, tree[path].replace(text, blocks)),)),
        Mutant("not awaited", ((path, tree[path].replace(text, text.replace("    await take(", "    take("))),)),
    )


def _unawaited(layer: Layer, tree: Tree) -> tuple[Mutant, ...]:
    """One caller overlooked, and one that is async in name alone."""
    last = layer.callers[-1]
    path = layer.where(last)
    hollow = layer.before(last).replace("def ", "async def ", 1)
    return (
        Mutant("a caller overlooked", ((path, tree[path].replace(layer.after(last), layer.before(last))),)),
        Mutant("a caller async in name alone", ((path, tree[path].replace(layer.after(last), hollow)),)),
    )
