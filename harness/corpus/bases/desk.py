"""The desk: a small package that grows by a function a request, under a naming rule, a locked file, a heading, a rate that changes and a mark for later."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.core.memory import Constraint, Item, Manifest, Milestone, Slip, Stage, Use
from harness.core.predicates import Adds, At, Defines, Edits, Every, Headed, Holds, Named, Not, Says, Unchanged
from harness.core.task import Request
from harness.corpus.placing import finish, read, replace, use, write
from harness.corpus.script import Base, Say

PACKAGES: Final = ("harbour", "nursery", "foundry", "chandlery", "granary", "tannery", "weighhouse", "orangery")
NOUNS: Final = ("crates", "ropes", "lamps", "casks", "sails", "barrels", "anchors", "ledgers", "pulleys", "kettles", "bundles", "spindles")
VERBS: Final = ("tally", "sort", "weigh", "label", "stack", "sift", "mend", "pair", "split", "trace", "rank", "merge")
SYLLABLES: Final = ("bra", "kel", "vop", "dun", "miq", "zor", "fli", "gex", "tam", "wiv", "jol", "sna")
BODIES: Final = (
    "    return sorted(words)\n",
    "    return [word.strip() for word in words if word]\n",
    "    found = set(words)\n    found.discard('')\n    return sorted(found, key=len)\n",
    "    kept = []\n    for word in words:\n        kept.append(word.title())\n    return kept\n",
    "    half = len(words) // 2\n    return list(words[half:]) + list(words[:half])\n",
    "    return [f'{place}:{word}' for place, word in enumerate(words)]\n",
    "    while words and not words[-1]:\n        words = words[:-1]\n    return list(reversed(words))\n",
    "    longest = max(map(len, words), default=0)\n    return [word.ljust(longest, '.') for word in words]\n",
)
CHECK: Final = """if grep -rq BROKEN --include=*.py .; then
  echo "FAILED tests/test_all.py::test_nothing_is_broken"
  echo "1 failed, 11 passed"
  exit 1
fi
echo "12 passed"
"""
PROMISE: Final = "# all of these are kept in order\n"


class Desk(msgspec.Struct, frozen=True):
    """What one seed draws. `works`: (module, verb, noun, body) of each stage; `rates`: before and after the change; `waived`: stage that lifts the naming rule, 0 for none."""

    package: str
    works: tuple[tuple[str, str, str, str], ...]
    suffix: str
    heading: str
    mark: str
    rates: tuple[str, str]
    changes: int
    edited: bool = False
    """The newer rate is asked about at every edit of its modules alone; else at the end of each request that needs it, too."""
    told: bool = True
    """The items are told by the first request; else by what a script prints, and by nothing else."""

    @property
    def stages(self) -> int:
        return len(self.works)

    def function(self, stage: int) -> str:
        """The name that the rule asks for."""
        _, verb, noun, _ = self.works[stage - 1]
        return f"{verb}_{noun}_{self.suffix}"

    def path(self, stage: int) -> str:
        return f"{self.package}/{self.works[stage - 1][0]}.py"

    def rate(self, stage: int) -> str:
        """Of a stage that needs it: from the second on."""
        return self.rates[stage >= self.changes]


def drawn_desk(seed: int, *, stages: int = 6, told: bool = True) -> Desk:
    """`stages` from 4 to 8."""
    dice = Random(f"desk {seed}")  # noqa: S311  words of a made-up repository
    nouns, verbs, bodies = dice.sample(NOUNS, stages), dice.sample(VERBS, stages), dice.sample(BODIES, stages)
    works = tuple((noun, verb, noun, body) for noun, verb, body in zip(nouns, verbs, bodies, strict=True))
    number = [str(dice.randrange(1000, 9999)) for _ in range(4)]
    return Desk(
        dice.choice(PACKAGES), works, _word(dice), f"# desk: {_word(dice)}", f"{_word(dice).upper()}-{number[0]}",
        (f"{_word(dice).upper()}/{number[1]}", f"{_word(dice).upper()}/{number[2]}"), dice.randrange(3, stages), bool(seed % 2), told,
    )  # fmt: skip


def desk(seed: int, *, stages: int = 6) -> Base:
    """The plain one: everything is told by requests."""
    return based(drawn_desk(seed, stages=stages), seed)


def based(made: Desk, seed: int) -> Base:
    """Its repository, requests, manifest and script."""
    every = range(1, made.stages + 1)
    return Base(
        "desk" if made.told else "brief", seed, tuple(Request(f"s{stage:02d}", _asked(made, stage)) for stage in every), _files(made),
        manifest(made), tuple(say for stage in every for say in _says(made, stage)),
    )  # fmt: skip


def manifest(made: Desk) -> Manifest:
    """Milestones rest upon no rule, so that a rule broken leaves them met."""
    stages = tuple(Stage(f"s{stage:02d}") for stage in range(1, made.stages + 1))
    return Manifest(stages, _items(made), _constraints(made), tuple(each for stage in range(1, made.stages + 1) for each in _milestones(made, stage)), family="desk")


def telling(made: Desk) -> tuple[tuple[str, str], ...]:
    """(item, sentence) of all that is told at the beginning."""
    return (
        ("naming", f"New public functions carry the ending `_{made.suffix}` in their names."),
        ("locked", f"Don't change `{made.package}/schema.py`, not even a comment."),
        ("header", f"Every new test file begins with the line `{made.heading}`."),
        ("mark", f"When the release mark is asked for one day: it is `{made.mark}`."),
        ("rate", f"The rate code of this desk is `{made.rates[0]}`."),
    )


def _items(made: Desk) -> tuple[Item, ...]:
    words, way = dict(telling(made)), "first_request" if made.told else "tool"
    lost = "no" if made.told else "derivable"
    return (
        Item("naming", "rule", words["naming"], (f"_{made.suffix}",), recoverable=lost, manner="rehearsed", exposure=way),  # type: ignore[arg-type]
        Item("locked", "rule", words["locked"], ("schema.py`, not even",), recoverable=lost, manner="prohibition", exposure=way),  # type: ignore[arg-type]
        Item("header", "rule", words["header"], (made.heading,), recoverable=lost, manner="rehearsed", exposure=way),  # type: ignore[arg-type]
        Item("mark", "fact", words["mark"], (made.mark,), recoverable=lost, manner="sleeper", exposure=way, value=made.mark),  # type: ignore[arg-type]
        Item("rate", "fact", words["rate"], (made.rates[0],), until=made.changes, recoverable=lost, exposure=way, value=made.rates[0]),  # type: ignore[arg-type]
        Item("rate_now", "decision", _change(made), (made.rates[1],), since=made.changes, supersedes="rate", value=made.rates[1], former=(made.rates[0],)),
    )


def _constraints(made: Desk) -> tuple[Constraint, ...]:
    code, tests = (f"{made.package}/*.py",), ("tests/*.py",)
    old = [Constraint("rate", Holds((made.path(stage),), f'"{made.rates[0]}"'), At(stage)) for stage in range(2, made.changes)]
    new = [Constraint("rate_now", _newer(made, made.path(stage)), Edits((made.path(stage),))) for stage in range(made.changes, made.stages + 1)]
    if not made.edited:
        new += [Constraint("rate_now", Holds((made.path(stage),), f'"{made.rates[1]}"'), At(stage)) for stage in range(made.changes, made.stages + 1)]
    return (
        Constraint("naming", Named(code, f"_.*|.*_{made.suffix}"), Adds("function", code)),
        Constraint("locked", Unchanged((f"{made.package}/schema.py",)), Edits(code)),
        Constraint("header", Headed(tests, f"^{made.heading}$"), Adds("file", tests)),
        Constraint("mark", Holds((f"{made.package}/settings.py",), f'"{made.mark}"'), At(made.stages)),
        *old, *new,
    )  # fmt: skip


def _newer(made: Desk, path: str) -> Every:
    """The pair of both versions: the newer one stands there, and the older one does not."""
    old, new = (f'"{rate}"' for rate in made.rates)
    return Every((Holds((path,), new), Not(Holds((path,), old))))


def _milestones(made: Desk, stage: int) -> tuple[Milestone, ...]:
    _, verb, noun, _ = made.works[stage - 1]
    path, registry, test = made.path(stage), f"{made.package}/registry.py", f"tests/test_{verb}_{noun}.py"
    said = Says((path,), rf"^def {verb}_{noun}\w*\(")
    found = [
        Milestone(f"s{stage:02d}.1", f"{stage}.1", stage, said, (path,)),
        Milestone(f"s{stage:02d}.2", f"{stage}.2", stage, Says((registry,), f'"{noun}"'), (registry,)),
        Milestone(f"s{stage:02d}.3", f"{stage}.3", stage, Says((test,), rf"\b{verb}_{noun}"), (test,)),
    ]
    if stage > 1:
        found.append(Milestone(f"s{stage:02d}.4", f"{stage}.4", stage, Defines(path, "RATE", "value"), (path,)))
    if stage == made.stages:
        settings = f"{made.package}/settings.py"
        found.append(Milestone(f"s{stage:02d}.5", f"{stage}.5", stage, Defines(settings, "RELEASE_MARK", "value"), (settings,)))
    return tuple(found)


def _asked(made: Desk, stage: int) -> str:
    _, verb, noun, _ = made.works[stage - 1]
    lines = []
    if stage == 1:
        lines.append(f"`{made.package}` keeps a small desk in order. `sh check.sh` runs its tests. There are {made.stages} requests, one after the other.")
        lines += [f"- {sentence}" for _, sentence in telling(made)] if made.told else ["What holds here is told by `sh brief.sh`; run it once."]
    if stage == made.changes:
        lines.append(_change(made))
    lines += [
        f"- **{stage}.1** A function in `{made.path(stage)}` whose name begins with `{verb}_{noun}`.",
        f'- **{stage}.2** `"{noun}"` stands in the registry, `{made.package}/registry.py`.',
        f"- **{stage}.3** A test of it in `tests/test_{verb}_{noun}.py`.",
    ]
    if stage > 1:
        lines.append(f"- **{stage}.4** The module holds the rate code of the desk in `RATE`.")
    if stage == made.stages:
        lines.append(f"- **{stage}.5** `{made.package}/settings.py` gets the release mark now, in `RELEASE_MARK`.")
    return "\n".join(lines) + "\n"


def _change(made: Desk) -> str:
    return f"From this request on the rate code is `{made.rates[1]}`; what was written before stays as it is."


def _files(made: Desk) -> tuple[tuple[str, str], ...]:
    package = made.package
    modules = tuple((made.path(stage), _module(made, stage)) for stage in range(1, made.stages + 1))
    brief = "".join(f"echo '- {sentence}'\n" for _, sentence in telling(made)).replace("Don't", "Do not")
    return (
        (f"{package}/__init__.py", f'"""The {package}."""\n'),
        (f"{package}/schema.py", f'"""What is stored."""\n\nTABLES = ("{package}", "history")\n'),
        (f"{package}/settings.py", '"""What can be set."""\n\nPAGE = 40\n'),
        (f"{package}/registry.py", '"""What there is."""\n\nCOUNT = 0\n\nNAMES = (\n    # newest last\n)\n'),
        *modules, ("check.sh", CHECK), ("brief.sh", brief), ("logs/day.txt", _log(made)), ("logs/night.txt", _log(made)[::-1]),
    )  # fmt: skip


def _module(made: Desk, stage: int) -> str:
    noun = made.works[stage - 1][2]
    return f'"""All about {noun}."""\n\nfrom __future__ import annotations\n\nLIMIT = {stage * 7 + 3}\n{PROMISE}\n\ndef _plain_{noun}(text: str) -> str:\n    """{noun.title()} without what surrounds them, {stage}."""\n    return text.strip()[{stage}:]\n'


def _log(made: Desk) -> str:
    """About 15,000 characters that name nothing which anybody needs."""
    dice = Random(f"log {made.package} {made.mark}")  # noqa: S311  the same
    return "".join(f"{hour:05d} {dice.choice(VERBS)} of {dice.choice(PACKAGES)} took {dice.random():.6f} s and left {dice.randrange(10**6)} bytes\n" for hour in range(240))


def _source(made: Desk, stage: int, name: str, rate: str) -> str:
    body = made.works[stage - 1][3]
    held = f'RATE = "{rate}"\n' if stage > 1 and rate else ""
    return f'{held}\n\ndef {name}(words: list[str]) -> list[str]:\n    """The words, as {stage}.1 wants them."""\n{body}'


def _says(made: Desk, stage: int) -> tuple[Say, ...]:
    noun = made.works[stage - 1][2]
    registry = f"{made.package}/registry.py"
    brief = (Say(f"s{stage}.brief", stage, "First what holds here.", (use("shell", command="sh brief.sh", seconds=0),), "brief"),)
    points = len(_milestones(made, stage))
    return (
        *(brief if stage == 1 and not made.told else ()),
        Say(f"s{stage}.read", stage, "I look at the module.", (read(made.path(stage)), *((read(registry),) if stage == 1 else ())), "read"),
        _define(made, stage),
        Say(f"s{stage}.register", stage, "I register it.", (
            replace(registry, f"COUNT = {stage - 1}\n", f"COUNT = {stage}\n"), replace(registry, "    # newest last\n", f'    "{noun}",\n    # newest last\n'),
        ), "register"),
        _test(made, stage),
        *(_settle(made, stage) if stage == made.stages else ()),
        Say(f"s{stage}.check", stage, "I run the tests.", (use("run_tests"),), "check"),
        Say(f"s{stage}.finish", stage, "I hand this back.", (finish(", ".join(f"{stage}.{point}" for point in range(1, points + 1))),), "finish"),
    )  # fmt: skip


def _define(made: Desk, stage: int) -> Say:
    path, name, schema = made.path(stage), made.function(stage), f"{made.package}/schema.py"

    def calls(name: str, rate: str) -> tuple[Use, ...]:
        return (replace(path, PROMISE, PROMISE + _source(made, stage, name, rate)),)

    right = calls(name, made.rate(stage))
    slips = [
        Slip("naming", "violates", calls(name.removesuffix(f"_{made.suffix}"), made.rate(stage))),
        Slip("locked", "violates", (*right, replace(schema, '"history")', f'"history", "{made.works[stage - 1][2]}")'))),
    ]
    if stage > 1:
        item = "rate_now" if stage >= made.changes else "rate"
        slips.append(Slip(item, "violates", calls(name, made.rate(stage)[::-1])))
        if stage >= made.changes:
            slips.append(Slip(item, "former", calls(name, made.rates[0])))
    return Say(f"s{stage}.define", stage, "I write the function.", right, "define", tuple(dict.fromkeys(slip.item for slip in slips)), tuple(slips))


def _test(made: Desk, stage: int) -> Say:
    noun, verb = made.works[stage - 1][2], made.works[stage - 1][1]

    def calls(heading: str, name: str) -> tuple[Use, ...]:
        text = f"from {made.package}.{noun} import {name}\n\n\ndef test_{verb}_{noun}() -> None:\n    assert {name}(['b', 'a'] * {stage}) is not None\n"
        return (write(f"tests/test_{verb}_{noun}.py", heading + text),)

    name, heading = made.function(stage), f"{made.heading}\n"
    slips = (
        Slip("header", "violates", calls("", name)), Slip("naming", "violates", calls(heading, name.removesuffix(f"_{made.suffix}"))),
    )
    return Say(f"s{stage}.test", stage, "I add a test.", calls(heading, name), "test", ("header", "naming"), slips)


def _settle(made: Desk, stage: int) -> tuple[Say, ...]:
    path = f"{made.package}/settings.py"

    def calls(mark: str) -> tuple[Use, ...]:
        return (replace(path, "PAGE = 40\n", f'PAGE = 40\nRELEASE_MARK = "{mark}"\n'),)

    slips = (Slip("mark", "violates", calls(made.mark[::-1])),)
    return (Say(f"s{stage}.settle", stage, "I put the release mark in.", calls(made.mark), "settle", ("mark",), slips),)


def _word(dice: Random) -> str:
    """A word that is none: nobody guesses it."""
    return "".join(dice.choice(SYLLABLES) for _ in range(3))
