"""The tables of what is to be kept in mind are read strictly: each mistake is one sentence before anything is spent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.core.errors import TaskError
from harness.core.memory import Item, Stage
from harness.core.predicates import Adds, At, Constant, Defines, Named
from tests.task_repos.harbor_folders import GRADE, GRADED, Files, read

DOCS = Path(__file__).resolve().parents[2] / "docs"
TOML = re.findall(r"^```toml\n(.*?)^```", (DOCS / "tasks.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
STEPS: Files = {
    "task.toml": '[[steps]]\nname = "s01"\n[[steps]]\nname = "s02"\n[[steps]]\nname = "s03"\n',
    "instruction.md": None, "steps/s01/instruction.md": "1.1 Add `convert_op`.\n\nEvery new public function ends with\n`_op`, and the port is 4411x.\n",
    "steps/s02/instruction.md": "2.1 Read the logs.\n", "steps/s03/instruction.md": "3.1 From now on new functions end with `_task`.\n",
}  # fmt: skip
STAGE = """\
[[stage]]
step = "s01"
template = "rename"
[[stage]]
step = "s02"
interlude = true
distance = 16000
[[stage]]
step = "s03"
"""
OLD = """\
[[memory]]
id = "suffix"
kind = "rule"
text = "Every new public function ends with `_op`."
fingerprints = ["ends with `_op`"]
from = "s01"
until = "s03"
manner = "rehearsed"
"""
NEW = """\
[[memory]]
id = "suffix-2"
kind = "decision"
text = "New functions end with `_task`."
fingerprints = ["re:end with `_task`"]
from = "s03"
supersedes = "suffix"
"""
RULE = """\
[[constraint]]
item = "suffix"
predicate = { type = "named", paths = ["pkg/**/*.py"], pattern = ".*_op", kind = "function" }
occasion = { type = "adds", kind = "function", paths = ["pkg/**/*.py"] }
[[constraint]]
item = "suffix-2"
predicate = { type = "some", of = [{ type = "exists", path = "a.py" }, { type = "not", of = { type = "holds", paths = ["a.py"], value = "7" } }] }
occasion = { type = "at", stage = "s03" }
"""
POINT = """\
[[milestone]]
id = "s01.1"
point = "1.1"
stage = "s01"
predicate = { type = "defines", path = "pkg/a.py", name = "convert_op" }
items = ["suffix"]
until = "s03"
[[milestone]]
id = "s03.1"
point = "3.1"
stage = "s03"
predicate = { type = "constant", path = "pkg/a.py", name = "PORT", value = "4411" }
scope = ["pkg/**"]
depends = ["s01.1"]
"""
WHOLE = STAGE + OLD + NEW + RULE + POINT


def a_folder(tables: str) -> Files:
    return {**GRADED, **STEPS, "tests/longhaul.toml": GRADE + tables}


def test_the_tables_become_a_manifest(tmp_path: Path) -> None:
    """Steps are told by name and kept by number; predicates are data."""
    made = read(tmp_path, a_folder(WHOLE)).memory
    assert made is not None
    assert made.stages == (Stage("s01", "rename"), Stage("s02", interlude=True, distance=16000), Stage("s03"))
    assert made.items[0] == Item(
        "suffix", "rule", "Every new public function ends with `_op`.", ("ends with `_op`",), since=1, until=3, manner="rehearsed"
    )
    assert (made.items[1].since, made.items[1].until, made.items[1].supersedes, made.items[1].validated) == (3, None, "suffix", True)
    assert made.constraints[0].predicate == Named(("pkg/**/*.py",), ".*_op", "function")
    assert made.constraints[0].occasion == Adds("function", ("pkg/**/*.py",))
    assert made.constraints[1].occasion == At(3)
    assert made.milestones[0].predicate == Defines("pkg/a.py", "convert_op")
    assert (made.milestones[1].stage, made.milestones[1].depends, made.milestones[0].until) == (3, ("s01.1",), 3)
    assert (made.family, made.seed, made.derived) == ("", None, False)


def test_a_task_without_the_tables_has_no_manifest(tmp_path: Path) -> None:
    """Nothing is made up for it here."""
    assert read(tmp_path, GRADED).memory is None


def test_a_task_of_one_request_has_one_stage(tmp_path: Path) -> None:
    """Its step is called `task`; a generated task says what made it."""
    tables = '[staged]\nfamily = "T0"\ntier = "S"\nseed = 7\n[[stage]]\nstep = "task"\n' + POINT.split("[[milestone]]\n")[1].replace("s01", "task").replace(
        'items = ["suffix"]\nuntil = "s03"\n', ""
    )
    made = read(tmp_path, {**GRADED, "tests/longhaul.toml": GRADE + tables.replace('id = "task.1"', '[[milestone]]\nid = "task.1"')}).memory
    assert made is not None
    assert (made.family, made.tier, made.seed, [stage.request for stage in made.stages]) == ("T0", "S", 7, ["task"])


def swapped(old: str, new: str) -> str:
    assert old in WHOLE, old
    return WHOLE.replace(old, new, 1)


BAD: dict[str, tuple[str, str]] = {
    "key of a stage": (swapped('template = "rename"', 'templates = "rename"'), "stage s01.templates: found an unknown key"),
    "key of an item": (swapped('until = "s03"\nmanner', 'untill = "s03"\nmanner'), "memory suffix.untill: found an unknown key"),
    "key of a constraint": (swapped('item = "suffix"\npredicate', 'items = "suffix"\nitem = "suffix"\npredicate'), "constraint suffix.items"),
    "key of a milestone": (swapped('point = "1.1"', 'point = "1.1"\nweight = 1'), "milestone s01.1.weight: found an unknown key"),
    "key of a predicate": (swapped('pattern = ".*_op"', 'pattern = ".*_op", butt = []'), "constraint suffix.predicate.butt: found an unknown key"),
    "key far inside": (swapped('value = "7" }', 'value = "7", x = 1 }'), "constraint suffix-2.predicate.of.of.x: found an unknown key"),
    "key of an occasion": (swapped('paths = ["pkg/**/*.py"] }\n[[constraint]]', 'paths = ["a"], when = 1 }\n[[constraint]]'), "occasion.when"),
    "key of [staged]": ("[staged]\nfamily = 'T1'\ntier = 'S'\nseed = 1\nx = 2\n" + WHOLE, "staged.x: found an unknown key"),
    "steps in another order": (swapped('step = "s02"', 'step = "s04"'), "stage.step: found s01, s04, s03"),
    "a step left out": (WHOLE.replace('[[stage]]\nstep = "s03"\n', ""), "stage.step"),
    "no stage at all": (WHOLE.replace(STAGE, ""), "stage.step: found none"),
    "unknown from": (swapped('from = "s01"', 'from = "s9"'), "memory suffix.from: found 's9'"),
    "unknown until": (swapped('until = "s03"\nmanner', 'until = "end"\nmanner'), "memory suffix.until: found 'end'"),
    "unknown stage of a milestone": (swapped('stage = "s01"', 'stage = "s1"'), "milestone s01.1.stage: found 's1'"),
    "ends before it begins": (swapped('until = "s03"\nmanner', 'until = "s01"\nmanner'), "memory suffix.until: found request 1, from request 1"),
    "milestone rests on what holds no more": (swapped('depends = ["s01.1"]', 'items = ["suffix"]'), "milestone s03.1.items: found 'suffix', which does not hold at request 3"),
    "milestone rests on nothing known": (swapped('items = ["suffix"]', 'items = ["sufix"]'), "milestone s01.1.items: found 'sufix'"),
    "occasion outside validity": (swapped('stage = "s03" }', 'stage = "s02" }'), "constraint suffix-2.occasion: found only at request 2"),
    "occasion at an unknown stage": (swapped('stage = "s03" }', 'stage = "s8" }'), "constraint suffix-2.occasion.stage: found 's8'"),
    "occasion at a number too high": (swapped('stage = "s03" }', "stage = 4 }"), "constraint suffix-2.occasion.stage: found 4"),
    "constraint of an unknown item": (swapped('item = "suffix"\n', 'item = "prefix"\n'), "constraint prefix.item"),
    "bad regex": (swapped('".*_op", kind', '"(", kind'), "constraint suffix.predicate.pattern"),
    "bad JSON": (swapped('value = "4411"', 'value = "4_411"'), "milestone s03.1.predicate.value"),
    "JSON of 17 levels": (swapped('value = "4411"', f"value = '{'[' * 17}{']' * 17}'"), "nested deeper than 16"),
    "JSON of 900 levels": (swapped('value = "4411"', "value = '" + '{"a":' * 900 + "1" + "}" * 900 + "'"), "nested deeper than 16"),
    "JSON of more levels than are read": (swapped('value = "4411"', f"value = '{'[' * 100_000}'"), "milestone s03.1.predicate.value"),
    "JSON of 5,000 digits": (swapped('value = "4411"', f'value = "{"9" * 5000}"'), "milestone s03.1.predicate.value"),
    "JSON's NaN": (swapped('value = "4411"', 'value = "NaN"'), "milestone s03.1.predicate.value"),
    "no paths": (swapped('paths = ["pkg/**/*.py"], pattern', "paths = [], pattern"), "constraint suffix.predicate.paths: found nothing"),
    "absolute path": (swapped('path = "pkg/a.py", name = "convert_op"', 'path = "/pkg/a.py", name = "convert_op"'), "milestone s01.1.predicate.path"),
    "path out of the workdir": (swapped('paths = ["pkg/**/*.py"], pattern', 'paths = ["../x"], pattern'), "constraint suffix.predicate.paths"),
    "scope out of the workdir": (swapped('scope = ["pkg/**"]', 'scope = ["a/../../b"]'), "milestone s03.1.scope"),
    "unknown type": (swapped('type = "defines"', 'type = "define"'), "milestone s01.1.predicate: found type 'define'"),
    "no type": (swapped('{ type = "defines", ', "{ "), "milestone s01.1.predicate: found no type"),
    "field of a predicate missing": (swapped(', name = "convert_op"', ""), "milestone s01.1.predicate"),
    "field of a wrong type": (swapped('name = "convert_op"', "name = 3"), "milestone s01.1.predicate.name"),
    "stage without milestone": (swapped("interlude = true\n", ""), "stage s02: found no milestone"),
    "interlude with a milestone": (swapped('template = "rename"', "interlude = true"), "stage s01.interlude"),
    "depends on nothing known": (swapped('depends = ["s01.1"]', 'depends = ["s02.1"]'), "milestone s03.1.depends: found 's02.1'"),
    "depends on a later one": (swapped('until = "s03"\n[[milestone]]', 'depends = ["s03.1"]\n[[milestone]]'), "milestone s01.1.depends: found 's03.1', which does not come before"),
    "depends on itself": (swapped('depends = ["s01.1"]', 'depends = ["s03.1"]'), "milestone s03.1.depends"),
    "an item twice": (swapped('id = "suffix-2"', 'id = "suffix"'), "memory.id: found 'suffix' twice"),
    "a milestone twice": (swapped('id = "s03.1"', 'id = "s01.1"'), "milestone.id: found 's01.1' twice"),
    "an id like a machine's": (WHOLE.replace("suffix-2", "file:x"), "memory.id: found 'file:x'"),
    "a point twice": (WHOLE.replace('id = "s03.1"\npoint = "3.1"\nstage = "s03"', 'id = "s01.2"\npoint = "1.1"\nstage = "s01"'), "milestone.point: found '1.1' twice in request 1"),
    "no fingerprint": (swapped('fingerprints = ["ends with `_op`"]', "fingerprints = []"), "memory suffix.fingerprints: found none"),
    "fingerprint that does not compile": (swapped('"re:end with `_task`"', '"re:["'), "memory suffix-2.fingerprints"),
    "fingerprint of nothing": (swapped('"re:end with `_task`"', '"re:x*"'), "memory suffix-2.fingerprints: found 're:x*', which matches an empty text"),
    "fingerprint with a look-ahead": (swapped('"re:end with `_task`"', '"re:(?=end) with"'), "memory suffix-2.fingerprints: found '(?=end) with': invalid perl operator: (?=, expected a regular expression as RE2 reads it"),
    "pattern with a back reference": (swapped('pattern = ".*_op"', "pattern = '(.)\\1_op'"), "constraint suffix.predicate.pattern: found"),
    "pattern too large": (swapped('pattern = ".*_op"', 'pattern = ".{900}.{900}_op"'), "too large with its counted repeats written out"),
    "blank fingerprint": (swapped('"ends with `_op`"', '" "'), "memory suffix.fingerprints"),
    "fingerprint of two items": (swapped('"re:end with `_task`"', '"re:end with `_task`", "public function"'), "memory suffix-2.fingerprints: found 'public function', which stands in the text of suffix"),
    "fingerprint that is not said": (swapped('"ends with `_op`"', '"stops with"'), "memory suffix.fingerprints: found none of them in the words of s01"),
    "supersedes nothing known": (swapped('supersedes = "suffix"', 'supersedes = "x"'), "memory suffix-2.supersedes: found 'x'"),
    "supersedes in a circle": (swapped('manner = "rehearsed"', 'supersedes = "suffix-2"'), "which leads back to it"),
    "supersedes what still holds": (swapped('until = "s03"\nmanner', "manner"), "memory suffix-2.supersedes: found 'suffix', which never ends"),
    "more items than a reading can bear": (WHOLE + "".join(OLD.replace('"suffix"', f'"rule-{k}"') for k in range(1000)), "memory: found 1,002 tables, expected at most 1,000"),
    "more words than can be told apart": (swapped('"re:end with `_task`"', '"re:end with `_task`"' + ', "x"' * 99).replace('text = "New', f'text = "{"word " * 100_000}New'), "memory: found 101 fingerprints and 500,073 characters of text, expected fewer"),
    "a glob that nobody wrote": (swapped('paths = ["pkg/**/*.py"]', f'paths = ["{"*a" * 501}"]'), "1,002 characters, expected at most 1,000"),
    "a long chain whose items never end": (WHOLE + "".join(OLD.replace('"suffix"', f'"r{k}"').replace('until = "s03"', f'supersedes = "r{k - 1}"' if k else "") for k in range(900)), "memory r1.supersedes: found 'r0', which never ends"),
    "stated before the start": (swapped('from = "s01"', 'from = "start"'), "memory suffix.from: found start"),
    "guess beyond 1": (swapped('manner = "rehearsed"', "guess = 1.5"), "memory suffix.guess: found 1.5"),
    "distance below 0": (swapped("distance = 16000", "distance = -1"), "stage s02.distance"),
}  # fmt: skip


@pytest.mark.parametrize(("tables", "words"), BAD.values(), ids=BAD)
def test_a_mistake_is_one_sentence(tmp_path: Path, tables: str, words: str) -> None:
    """File, field, found and expected, on one line."""
    with pytest.raises(TaskError) as fault:
        read(tmp_path, a_folder(tables))
    said = str(fault.value)
    assert "tests/longhaul.toml" in said
    assert words in said
    assert "\n" not in said


def test_a_value_of_sixteen_levels_is_read(tmp_path: Path) -> None:
    """As deep as who reads code follows it: rows, tables, and both in turn."""
    for value in ("[" * 15 + "1" + "]" * 15, '{"a":' * 15 + "1" + "}" * 15, '[{"a":' * 7 + "[]" + "}]" * 7):
        made = read(tmp_path, a_folder(swapped('value = "4411"', f"value = '{value}'"))).memory
        assert made is not None
        assert made.milestones[1].predicate == Constant("pkg/a.py", "PORT", value)


def test_the_new_version_of_a_rule_may_name_the_old_one(tmp_path: Path) -> None:
    """A fingerprint of what is superseded may stand in the text that supersedes it, not the other way about."""
    named = swapped('text = "New functions end with `_task`."', 'text = "New functions end with `_task`; no more does any ends with `_op`."')
    assert read(tmp_path / "a", a_folder(named)).memory is not None
    told = swapped('text = "Every new public function ends with `_op`."', 'text = "It ends with `_op`, later they end with `_task`."')
    with pytest.raises(TaskError, match="stands in the text of suffix"):
        read(tmp_path / "b", a_folder(told))


def test_white_space_of_a_fingerprint_is_any_white_space(tmp_path: Path) -> None:
    """The instruction breaks its lines where it likes."""
    assert read(tmp_path, a_folder(swapped('"ends with `_op`"', '"public function ends with `_op`"'))).memory is not None


def test_weights_that_do_not_sum_to_1_are_refused(tmp_path: Path) -> None:
    """Of [[item]], the graded checks."""
    half = '[[item]]\nid = "i"\nweight = 0.5\nselect = ["tests/test_a.py::test"]\n'
    with pytest.raises(TaskError, match="weights above 0 that sum to 1"):
        read(tmp_path, a_folder(half + WHOLE))


def test_the_example_in_the_document_is_read(tmp_path: Path) -> None:
    """As it stands there, for a task of the steps that it names."""
    example = next(block for block in TOML if "[[memory]]" in block)
    steps = {f"steps/{name}/instruction.md": text for name, text in (
        ("s01", "1.1 Add `convert`. Every new public function ends with `_op`.\n"), ("s02", "Look into the logs.\n"),
        ("s03", "3.1 Move the callers over.\n"),
    )}  # fmt: skip
    made = read(tmp_path, {**GRADED, **STEPS, **steps, "tests/longhaul.toml": GRADE + example}).memory
    assert made is not None
    assert (len(made.stages), len(made.items), len(made.constraints), len(made.milestones)) == (3, 1, 1, 2)
