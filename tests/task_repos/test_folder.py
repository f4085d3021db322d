"""Harbor task folders: each case of the format is read, refused by name, or read with a recorded warning."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from harness.core.errors import TaskError
from harness.core.phases import Artifact, Health, Hook
from harness.core.placing import placed, shared
from harness.core.task import ImageBuild, ImageTag, RewardScript, SolveScript, SolveSteps, Steps, TaskSpec, places
from task_repos.folder import create
from task_repos.harbor_files import digest, without_canary
from tests.task_repos.harbor_folders import GRADED, PLAIN, Files, read, write

READ: list[tuple[str, str, Callable[[TaskSpec], object], object]] = [
    ("1 no table", "", lambda t: (t.limits.tool_seconds, t.check.deadline, t.place.network), (None, 600.0, "none")),
    ("1 recorded", "", lambda t: any("network_mode: not given" in w for w in t.provenance.warnings), True),
    ("2 version", 'version = "1.0"', lambda t: any("schema" in w for w in t.provenance.warnings), False),
    ("4 schema", 'schema_version = "9.9"', lambda t: any("'9.9'" in w for w in t.provenance.warnings), True),
    ("5 unknown root", "foo = 1", lambda t: any(w.startswith("foo:") for w in t.provenance.warnings), True),
    ("5 unknown in task", '[task]\nname = "a/b"\nfoo = 1', lambda t: any("task.foo" in w for w in t.provenance.warnings), True),
    ("8 memory G", '[environment]\nmemory = "4G"', lambda t: t.place.memory_mb, 4096),
    ("8 memory half", '[environment]\nmemory = "1.5g"', lambda t: t.place.memory_mb, 1536),
    ("8 memory_mb", "[environment]\nmemory_mb = 777\ncpus = 0.5", lambda t: (t.place.memory_mb, t.place.cpus), (777, 0.5)),
    ("9 no internet", "[environment]\nallow_internet = false", lambda t: t.place.network, "none"),
    ("9 overruled", '[environment]\nallow_internet = false\nnetwork_mode = "public"', lambda t: t.place.network, "public"),
    ("9 internet", "[environment]\nallow_internet = true", lambda t: t.place.network, "public"),
    ("no-network", '[environment]\nnetwork_mode = "no-network"', lambda t: (t.place.network, t.provenance.warnings[:-1]), ("none", ())),
    ("agent closed", '[environment]\nnetwork_mode = "public"\n[agent]\nnetwork_mode = "no-network"\n[verifier]\nnetwork_mode = "no-network"',
     lambda t: t.place.network, "none"),
    ("11 empty hosts", '[environment]\nnetwork_mode = "public"\nallowed_hosts = []', lambda t: t.place.network, "public"),
    ("15 set", '[environment.env]\nA = "${X}"\nB = "${Y:-d}"\nC = "a${X}"', lambda t: dict(t.place.environment),
     {"A": "host", "B": "d", "C": "a${X}"}),
    ("solution env", '[solution.env]\nA = "1"', lambda t: dict(t.solution.environment), {"DEBIAN_FRONTEND": "noninteractive", "A": "1"}),
    ("verifier env", '[environment.env]\nA = "1"\nB = "1"\n[verifier.env]\nA = "2"', lambda t: dict(t.check.environment), {"A": "2", "B": "1"}),
    ("agent timeout", "[agent]\ntimeout_sec = 90", lambda t: t.limits.tool_seconds, 90.0),
    ("verifier timeout", "[verifier]\ntimeout_sec = 9", lambda t: t.check.deadline, 9.0),
    ("os", '[environment]\nos = "LINUX"', lambda t: t.id, "task"),
    ("name", '[task]\nname = "org/fix-it"', lambda t: t.id, "fix-it"),
    ("users", '[agent]\nuser = 1000\n[verifier]\nuser = "tester"', lambda t: (t.place.user, t.check.place.user), ("", "tester")),
    ("a number as a text", '[agent]\ntimeout_sec = "90"', lambda t: t.limits.tool_seconds, 90.0),
    ("root's tests", '[agent]\nuser = "root"', lambda t: (t.place.user, t.check.place), ("root", None)),
    ("official clock", "[agent]\ntimeout_sec = 90", lambda t: t.limits.official_seconds, 90.0),
    ("health", '[environment.healthcheck]\ncommand = "c"\ntimeout_sec = 0.5', lambda t: t.place.health, Health("c", deadline=3600.0)),
    ("separate", '[environment]\nnetwork_mode = "public"\n[verifier.environment]\nnetwork_mode = "no-network"\nmemory_mb = 99\nenv = { A = "1" }',
     lambda t: (t.check.separate, t.check.upload, t.check.place.network, t.check.place.memory_mb, t.check.place.environment),
     (True, True, "none", 99, (("A", "1"),))),
    ("separate by name", '[verifier.environment]\ndocker_image = "v:1"',
     lambda t: (t.check.upload, t.check.files, t.check.place.image), (False, (), ImageTag("v:1"))),
    ("collect", 'artifacts = ["/a", { source = "/b", exclude = ["*.o"] }]\n[[verifier.collect]]\ncommand = "c"\ntimeout_sec = 5',
     lambda t: (t.check.collect, t.check.artifacts), ((Hook("c", 5.0),), (Artifact("/a"), Artifact("/b", ("*.o",))))),
    ("all places", '[verifier.environment]\ndocker_image = "v:1"', lambda t: [p.image for p in places(t)][1:], [ImageTag("v:1")]),
    ("storage", "[environment]\nstorage_mb = 5", lambda t: any("not enforced" in w for w in t.provenance.warnings), True),
    ("empty steps", "steps = []", lambda t: [r.text for r in t.brief.requests], ["Do it.\n"]),
    ("workdir", '[environment]\nworkdir = "/srv/x"', lambda t: t.place.workdir, "/srv/x"),
    ("public facts", '[metadata.longhaul]\nformat = 1\nlanguage = "python"\ncreated = "2026-11"\nsource = "public"\ntest_command = "make"',
     lambda t: (t.provenance.languages, t.provenance.created, t.provenance.kind, t.brief.test_command), (("python",), "2026-11", "public", "make")),
    ("foreign metadata", "[metadata]\nanything = { deep = [1] }", lambda t: t.id, "task"),
]  # fmt: skip


@pytest.mark.parametrize(("toml", "look", "expected"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_what_is_read(tmp_path: Path, toml: str, look: Callable[[TaskSpec], object], expected: object) -> None:
    """Each line of the format means what it means in Harbor, or what is recorded as a deviation."""
    assert look(read(tmp_path, PLAIN | {"task.toml": toml}, {"X": "host"})) == expected


TESTED = {name: text for name, text in GRADED.items() if name not in PLAIN}
STEPPED: Files = {"steps/a/instruction.md": "x"}
REFUSED: list[tuple[str, Files, str]] = [
    ("3 version is a number", {"task.toml": "version = 1.0"}, "version: found a value of type float"),
    ("6 unknown in environment", {"task.toml": "[environment]\nfoo = 1"}, "environment.foo: found an unknown key"),
    ("7 agent internet", {"task.toml": "[agent]\nallow_internet = false"}, "agent.allow_internet: found an unknown key"),
    ("unknown in verifier", {"task.toml": "[verifier]\nfoo = 1"}, "verifier.foo"),
    ("8 4GB", {"task.toml": '[environment]\nmemory = "4GB"'}, "environment.memory: found '4GB'"),
    ("8 512", {"task.toml": '[environment]\nmemory = "512"'}, "environment.memory"),
    ("8 both", {"task.toml": '[environment]\nmemory = "4G"\nmemory_mb = 1'}, "environment.memory"),
    ("8 integer", {"task.toml": "[environment]\nmemory = 512"}, "environment.memory: found a value of type int"),
    ("10 none", {"task.toml": '[environment]\nnetwork_mode = "none"'}, "environment.network_mode: found 'none'"),
    ("10 Public", {"task.toml": '[environment]\nnetwork_mode = "Public"'}, "environment.network_mode"),
    ("11 hosts", {"task.toml": '[environment]\nallowed_hosts = ["a.com"]'}, "environment.allowed_hosts"),
    ("11 url", {"task.toml": '[environment]\nnetwork_mode = "allowlist"\nallowed_hosts = ["https://a.com"]'}, "'https://a.com'"),
    ("11 bits", {"task.toml": '[environment]\nnetwork_mode = "allowlist"\nallowed_hosts = ["10.0.0.1/8"]'}, "'10.0.0.1/8'"),
    ("allowlist", {"task.toml": '[environment]\nnetwork_mode = "allowlist"\nallowed_hosts = ["*.Example.ORG."]'}, "no egress filter"),
    ("13 gpus", {"task.toml": "[environment]\ngpus = 1"}, "environment.gpus: found 1"),
    ("tpu", {"task.toml": '[environment]\ntpu = { type = "v4", topology = "2x4" }'}, "environment.tpu"),
    ("14 windows", {"task.toml": '[environment]\nos = "Windows"'}, "environment.os"),
    ("15 unset", {"task.toml": '[environment.env]\nA = "${NOPE}"'}, "environment.env.A: found ${NOPE}, which is not set"),
    ("secret", {"task.toml": '[environment.env]\nA = "${MY_API_KEY}"'}, "looks like a secret"),
    ("16 integer", {"task.toml": "[environment.env]\nA = 1"}, "environment.env"),
    ("17 verifier unset", {"task.toml": '[verifier.env]\nA = "${NOPE}"'}, "verifier.env.A"),
    ("20 no image", {"environment/Dockerfile": None}, "neither Dockerfile nor environment.docker_image"),
    ("compose", {"environment/docker-compose.yaml": "services: {}"}, "compose file"),
    ("25 instruction", {"instruction.md": None}, "instruction.md"),
    ("25 test.sh", {"tests/test.sh": None}, "test.sh"),
    ("25 toml", {"task.toml": "a = = b"}, "expected TOML"),
    ("25 deep toml", {"task.toml": "a = " + "[" * 5000}, "expected TOML"),
    ("no task.toml", {"task.toml": None}, "path: found no task|task.toml"),
    ("not utf-8", {"instruction.md": "\udcff"}, "not UTF-8"),
    ("empty", {"instruction.md": "<!-- canary -->\n\n"}, "empty text"),
    ("huge", {"instruction.md": "x" * (50 << 20)}, "at most 4 MiB"),
    ("52 shared and table", {"task.toml": '[verifier]\nenvironment_mode = "shared"\n[verifier.environment]\ncpus = 1'}, "verifier.environment"),
    ("two networks for named tests", {**TESTED, "task.toml": '[environment]\nnetwork_mode = "public"\n[agent]\nnetwork_mode = "no-network"'}, "one network"),
    ("a user that is none", {"task.toml": '[agent]\nuser = "a b"'}, "agent.user: found 'a b'"),
    ("a hook elsewhere", {"task.toml": '[[verifier.collect]]\ncommand = "true"\nservice = "db"'}, "verifier.collect.service: found 'db'"),
    ("a hook as another user", {"task.toml": '[[verifier.collect]]\ncommand = "true"\nuser = "root"'}, "verifier.collect.user"),
    ("an artifact elsewhere", {"task.toml": 'artifacts = [{ source = "/a", service = "db" }]'}, "artifacts.service"),
    ("a relative artifact", {"task.toml": 'artifacts = ["a/../b"]'}, "artifacts: found 'a/../b'"),
    ("a health check without end", {"task.toml": '[environment.healthcheck]\ncommand = "true"\ninterval_sec = inf'}, "environment.healthcheck"),
    ("a health check's unknown key", {"task.toml": '[environment.healthcheck]\ncommand = "true"\nfoo = 1'}, "environment.healthcheck.foo"),
    ("a separate GPU", {"task.toml": "[verifier.environment]\ngpus = 1"}, "verifier.environment.gpus"),
    ("a compose file of the tests", {"task.toml": '[verifier]\nenvironment_mode = "separate"', "tests/docker-compose.yaml": "x: {}"}, "a compose file"),
    ("two users for steps", {**STEPPED, "task.toml": '[[steps]]\nname = "a"\n[steps.agent]\nuser = "x"'}, "steps.0.agent.user"),
    ("two networks for steps", {**STEPPED, "task.toml": '[[steps]]\nname = "a"\n[steps.agent]\nnetwork_mode = "public"'}, "steps.0.agent.network_mode"),
    ("a strategy", {**STEPPED, "task.toml": 'multi_step_reward_strategy = "best"\n[[steps]]\nname = "a"'}, "multi_step_reward_strategy: found 'best'"),
    ("an empty version", {"task.toml": '[task]\nname = "a/b"\nversion = ""'}, "task.version"),
    ("a variable's name", {"task.toml": '[environment.env]\n"A=B" = "1"'}, "environment.env"),
    ("cpus", {"task.toml": "[environment]\ncpus = nan"}, "environment.cpus"),
    ("relative workdir", {"task.toml": '[environment]\nworkdir = "app"'}, "environment.workdir"),
    ("name", {"task.toml": '[task]\nname = "a/b c"'}, "task.name"),
    ("metadata", {"task.toml": "[metadata.longhaul]\nfoo = 1"}, "metadata.longhaul.foo"),
    ("metadata format", {"task.toml": "[metadata.longhaul]\nformat = 2"}, "metadata.longhaul.format"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_refused(tmp_path: Path, change: Files, words: str) -> None:
    """One sentence with file, field, found and expected, and nothing else."""
    files = {name: text for name, text in (PLAIN | change).items() if text is not None}
    with pytest.raises(TaskError) as caught:
        read(tmp_path, files, {"MY_API_KEY": "sk"})
    assert any(word in str(caught.value) for word in words.split("|"))
    assert "sk" not in str(caught.value).split()
    assert caught.value.complaint.file
    assert "\n" not in str(caught.value).strip()


def test_an_image_by_name_brings_the_folder_along(tmp_path: Path) -> None:
    """A named image gets what lies in environment/; beside a Dockerfile it wins and nothing is laid in."""
    files: Files = PLAIN | {"task.toml": '[environment]\ndocker_image = "a:1"', "environment/Dockerfile": None, "environment/data.txt": "x"}
    task = read(tmp_path, files)
    assert task.place.image == ImageTag("a:1")
    assert task.place.upload == str(tmp_path / "task" / "environment")
    assert any("without a digest" in word for word in task.provenance.warnings)
    both = read(tmp_path / "both", PLAIN | {"task.toml": '[environment]\ndocker_image = "a@sha256:0"'})
    assert (both.place.image, both.place.upload) == (ImageTag("a@sha256:0"), "")


def test_every_place_can_be_given_something(tmp_path: Path) -> None:
    """What is done to a task's places is done to the agent's and to each step's own; sharing leaves alone what is graded apart."""
    toml = (
        '[verifier]\nuser = "u"\n[[steps]]\nname = "a"\n[[steps]]\nname = "b"\n[steps.verifier]\nenvironment_mode = "separate"\n'
    )
    task = read(tmp_path, PLAIN | {"task.toml": toml, "steps/a/instruction.md": "x", "steps/b/instruction.md": "y"})
    assert len(places(task)) == 2
    moved = placed(task, lambda place: msgspec.structs.replace(place, network="public"))
    assert [place.network for place in places(moved)] == ["public", "public"]
    alone = shared(task.check)
    assert isinstance(alone, Steps)
    assert [step.check.shared for step in alone.steps] == [True, False]


def test_a_dockerfile_is_built_from_its_folder(tmp_path: Path) -> None:
    """The context is environment/, foreign unless the task is one of ours, with the task's own deadline."""
    task = read(tmp_path, PLAIN | {"task.toml": "[environment]\nbuild_timeout_sec = 7"})
    context = str(tmp_path / "task" / "environment")
    assert task.place.image == ImageBuild(context, foreign=True, deadline=7.0)
    ours = next(iter(create(path=str(tmp_path / "task"), source="bundled")))
    assert ours.place.image == ImageBuild(context, foreign=False, deadline=7.0)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<!-- x CANARY y -->\n# canary\n\n\nDo", "Do"), ("\n\nDo\n# canary\n", "Do\n# canary\n"), ("# A canary bird\nDo", "Do"),
        ("  <!-- canary -->  \nDo\n", "Do\n"), ("Do <!-- canary -->\n", "Do <!-- canary -->\n"),
    ],
)  # fmt: skip
def test_markers_at_the_top_are_taken_away(text: str, left: str) -> None:
    """Leading marker lines and blank lines go; the rest of the text is as it was."""
    assert without_canary(text) == left


def test_links_stay_inside(tmp_path: Path) -> None:
    """A link out of the task is refused; one to a file of the task is that file."""
    folder = write(tmp_path / "task", PLAIN)
    (folder / "tests" / "again").symlink_to("test.sh")
    task = next(iter(create(path=str(folder))))
    assert isinstance(task.check, RewardScript)
    assert [file.path for file in task.check.files] == ["again", "test.sh"]
    (folder / "tests" / "pw").symlink_to("/etc/passwd")
    source = create(path=str(folder))
    assert list(source) == []
    assert "/etc/passwd" in str(source.faults[0])


def test_ignored_files_are_neither_graded_nor_counted(tmp_path: Path) -> None:
    """What tests/.harborignore names is not uploaded, and a change of it leaves the digest as it is."""
    files: Files = PLAIN | {"tests/.harborignore": "*.log\n!keep.log\n/sub/no*\n", "tests/a.log": "1", "tests/keep.log": "2",
                            "tests/sub/no1": "3", "tests/sub/yes": "4"}  # fmt: skip
    task = read(tmp_path, files)
    assert isinstance(task.check, RewardScript)
    assert [file.path for file in task.check.files] == ["keep.log", "sub/yes", "test.sh"]
    write(tmp_path / "task", {"tests/a.log": "other", "tests/.harborignore": "*.log\n!keep.log\n/sub/no*\n# note\n"})
    assert digest(tmp_path / "task") == task.digest


def test_steps_graded_at_the_end_are_requests(tmp_path: Path) -> None:
    """With longhaul.toml the steps' instructions arrive one after the other; a step with files of its own is refused."""
    files: Files = GRADED | {"task.toml": '[[steps]]\nname = "a"\n[[steps]]\nname = "b"', "instruction.md": None,
                             "steps/a/instruction.md": "first", "steps/b/instruction.md": "second"}  # fmt: skip
    task = read(tmp_path, files)
    assert [(request.id, request.text) for request in task.brief.requests] == [("a", "first"), ("b", "second")]
    with pytest.raises(TaskError, match="workdir/"):
        read(tmp_path, {"steps/a/workdir/x": "x"})


def test_steps_with_tests_of_their_own_are_graded_one_by_one(tmp_path: Path) -> None:
    """Each step has the task's tests with its own over them, its files, its least reward, its bound and its solution."""
    toml = (
        'multi_step_reward_strategy = "final"\nartifacts = ["/a"]\n[agent]\ntimeout_sec = 9\n[verifier]\nuser = "u"\nenv = { A = "1", B = "1" }\n'
        '[[steps]]\nname = "a"\nmin_reward = 0.5\nartifacts = ["/b"]\n[steps.agent]\ntimeout_sec = 5\n[steps.verifier]\nenv = { B = "2" }\n'
        '[[steps]]\nname = "b"\nmin_reward = { style = 1 }\n[steps.healthcheck]\ncommand = "c"\n'
    )
    task = read(tmp_path, PLAIN | {
        "task.toml": toml, "steps/a/instruction.md": "first", "steps/b/instruction.md": "second", "steps/b/tests/test.sh": "own",
        "steps/b/workdir/setup.sh": "set up", "steps/b/workdir/d/x": "y", "steps/b/solution/solve.sh": "own",
    })  # fmt: skip
    assert isinstance(task.check, Steps)
    a, b = task.check.steps
    assert (task.check.strategy, a.least, b.least) == ("final", (("reward", 0.5),), (("style", 1.0),))
    assert (a.seconds, b.seconds, task.limits.tool_seconds, task.limits.official_seconds) == (5.0, 9.0, None, 14.0)
    assert (a.setup, b.setup, [file.path for file in b.workdir], b.health) == ("", "bash setup.sh", ["d/x", "setup.sh"], Health("c"))
    assert [file.data for file in b.check.files if file.path == "test.sh"] == [b"own"]
    assert dict(a.check.environment) == {"A": "1", "B": "2"}
    assert (a.check.artifacts, b.check.artifacts) == ((Artifact("/a"), Artifact("/b")), (Artifact("/a"),))
    assert a.check.place is not None
    assert a.check.place.user == "u"
    assert isinstance(task.solution, SolveSteps)
    assert [script.files[0].data for _, script in task.solution.steps] == [b"true\n", b"own"]


def test_one_bad_task_hides_no_other(tmp_path: Path) -> None:
    """In a folder of tasks each bad one is a complaint, two equal ids name both places, and the rest are there."""
    write(tmp_path / "a", PLAIN)
    write(tmp_path / "b", PLAIN | {"task.toml": "a = = b"})
    write(tmp_path / "c", PLAIN | {"task.toml": '[task]\nname = "org/a"'})
    write(tmp_path / "d" / "sub", PLAIN)
    write(tmp_path / "e", PLAIN)
    source = create(path=str(tmp_path))
    assert [task.id for task in source] == ["a", "e"]
    assert len(source.faults) == 3
    told = " ".join(str(fault) for fault in source.faults)
    assert str(tmp_path / "a") in told
    assert str(tmp_path / "c") in told
    assert [task.id for task in source] == ["a", "e"]
    assert len(source.faults) == 3


def test_odd_files_are_complaints(tmp_path: Path) -> None:
    """Pipes for texts, a link that is the folder itself, a thousand folders in one another, and more bytes than anybody ships: said at once."""
    for name, spoil in (
        ("pipe", lambda folder: ((folder / "instruction.md").unlink(), os.mkfifo(folder / "instruction.md"))),
        ("folder", lambda folder: ((folder / "task.toml").unlink(), (folder / "task.toml").mkdir())),
        ("whole", lambda folder: (shutil.rmtree(folder / "tests"), (folder / "tests").symlink_to("/etc"))),
        ("deep", lambda folder: subprocess.run(("mkdir", "-p", folder / "environment" / "/".join("d" * 1200)), check=True)),
        ("sparse", lambda folder: os.truncate(folder / "environment" / "Dockerfile", 1 << 40)),
        ("words", lambda folder: (folder / "task.toml").write_bytes(b"a = '\xff'")),
        ("away", lambda folder: (folder / "task.toml").write_text('[metadata.longhaul]\nfile = "../../x"')),
    ):  # fmt: skip
        folder = write(tmp_path / name, PLAIN)
        spoil(folder)
        source = create(path=str(folder))
        assert list(source) == [], name
        assert len(source.faults) == 1
        assert len(str(source.faults[0])) < 5000, name
        subprocess.run(("rm", "-rf", folder), check=True)


def test_a_folder_without_tasks_is_said(tmp_path: Path) -> None:
    """An empty folder and one that is not there are complaints, not silence."""
    for path in (tmp_path, tmp_path / "none"):
        source = create(path=str(path))
        assert list(source) == []
        assert len(source.faults) == 1


def test_the_oracle_gets_the_solution(tmp_path: Path) -> None:
    """solution/ is handed over whole, and a task without one has none."""
    task = read(tmp_path, PLAIN | {"solution/data/x": "y"})
    assert isinstance(task.solution, SolveScript)
    assert [file.path for file in task.solution.files] == ["data/x", "solve.sh"]
    assert read(tmp_path / "b", {**PLAIN, "solution/solve.sh": None}).solution is None
