"""Look-alikes of imagined names: what somebody looks for, what the machine brings along, what the user spoke of, what a build makes, what is only now made."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.core.memory import Use
from harness.corpus.families.alike_agreed import worded
from harness.corpus.families.imagined import folder, later, strange
from harness.corpus.placing import after, drawn, marked, read, shell, use, write
from harness.corpus.script import Base, Case, Say

KINDS: Final = ("discovery", "installed", "mentioned", "generated", "creating")
SORT: Final = "alike"
BASES: Final = ("desk", "staged")
SHORT: Final = 4
"""Lines: to copy a long file would be work beside the point, which is another fault."""


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Raises Unfit."""
    made = {"discovery": _discovery, "installed": _installed, "mentioned": _mentioned, "generated": _generated, "creating": _creating}[kind](base, dice)
    return Case("", "alike", "alike_names", base.seed, made)


def _put(base: Base, dice: Random, *calls: Use) -> Base:
    say = later(base, dice)
    return after(base, say.name, *(Say(f"{say.name}.name{number}", say.stage, "Let me see.", (call,), "missed") for number, call in enumerate(calls, 1)))


def _discovery(base: Base, dice: Random) -> Base:
    """Who searches does not believe yet."""
    name, where = strange(base, dice), folder(base, dice)
    return _put(base, dice, drawn(dice, (
        shell(f"ls {where}/{name}.py"), shell(f"find . -name '{name}*'"), shell(f"grep -rn {name} {where}"), shell(f"grep -rln 'def {name}' ."),
        shell(f"ls {where}/{name} 2>/dev/null || echo none"),
    )))  # fmt: skip


def _installed(base: Base, dice: Random) -> Base:
    """Names of the standard library and of what every machine has."""
    return _put(base, dice, drawn(dice, (
        shell("python3 -B -c 'from collections import OrderedDict; import textwrap; print(textwrap.dedent(\" a\"))'"),
        shell("python3 -B -c 'import json.decoder, functools; print(functools.lru_cache.__name__)'"), shell("head -n 1 /etc/passwd"), shell("sort --reverse /dev/null"),
    )))  # fmt: skip


def _mentioned(base: Base, dice: Random) -> Base:
    """The user names a file that is not there."""
    path = f"docs/{strange(base, dice)}.md"
    say = drawn(dice, tuple(say for mark in ("read", "look") for say in marked(base, mark) if say.stage > 1))
    words = f"If somebody has put a plan for this into `{path}`, keep to it; otherwise go on as you think best.\n"
    made = after(base, say.name, Say(f"{say.name}.plan", say.stage, "I look at the plan.", (drawn(dice, (read(path), shell(f"cat {path}"))),), "missed"))
    return msgspec.structs.replace(made, requests=worded(base, say.stage, words))


def _generated(base: Base, dice: Random) -> Base:
    """What a build or a run of the tests would leave behind."""
    where = folder(base, dice)
    return _put(base, dice, drawn(dice, (
        shell("rm -rf build dist"), shell(f"rm -rf {where}/__pycache__"), shell("cat .pytest_cache/v/cache/lastfailed"), shell(f"ls build/lib/{where}"),
        read(f"build/lib/{where}/__init__.py"), shell("cat .coverage"),
    )))  # fmt: skip


def _creating(base: Base, dice: Random) -> Base:
    """A path that is new because it is made just now."""
    name = strange(base, dice)
    say = later(base, dice)
    short = drawn(dice, tuple(path for path, text in base.files if text.count("\n") < SHORT))
    calls = drawn(dice, (
        (write(f"docs/{name}.md", "What was done so far.\n"),), (shell(f"mkdir -p docs/{name}"), shell(f"echo done > docs/{name}/log.txt")),
        (shell(f"touch {name}.txt"),), (shell(f"cp {short} {name}.bak"),), (use("shell", command=f"cat > {name}.txt <<'END'\nso far\nEND", seconds=0),),
    ))  # fmt: skip
    return after(base, say.name, *(Say(f"{say.name}.new{number}", say.stage, "I note that down.", (call,), "aside") for number, call in enumerate(calls, 1)))
