"""The cases of the Harbor format that are decided by reading a folder: what is read, and what is refused by which words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from harness.core.task import ImageTag, RewardScript, SolveScript, Steps, TaskSpec
from harness.grading import reward
from task_repos.folder import create
from task_repos.harbor_files import digest
from task_repos.harbor_network import normal_host
from tests.task_repos.harbor_folders import PLAIN, Files, write
from tests.task_repos.harbor_trials import Ground, refusal


class Case(NamedTuple):
    """`number` as in the list of cases of the format; `found` says what came of it, in the words of `expected`."""

    number: str
    what: str
    expected: str
    found: Callable[[Ground], str]


def toml(number: str, what: str, text: str, expected: str, look: Callable[[TaskSpec], object], **more: str | None) -> Case:
    """A folder whose task.toml is `text`; `more`: other files, a double underscore for a slash and a single one for a dot."""
    return Case(number, what, expected, lambda ground: str(look(ground.task(changed(text, more), {"X": "host"}))))


def refused(number: str, what: str, text: str, words: str, **more: str | None) -> Case:
    """The same, refused in a sentence that holds `words`."""

    def found(ground: Ground) -> str:
        said = refusal(lambda: ground.task(changed(text, more), {}))
        return f"refused: {words}" if words in said else said

    return Case(number, what, f"refused: {words}", found)


def changed(text: str, more: dict[str, str | None]) -> Files:
    named = {name.replace("__", "/").replace("_", "."): value for name, value in more.items()}
    return PLAIN | {"task.toml": text} | named


def warned(words: str) -> Callable[[TaskSpec], object]:
    return lambda task: "recorded" if any(words in warning for warning in task.provenance.warnings) else "silent"


def check(task: TaskSpec) -> RewardScript:
    assert isinstance(task.check, RewardScript)
    return task.check


def steps(task: TaskSpec) -> Steps:
    assert isinstance(task.check, Steps)
    return task.check


def rewards(read: Callable[[bytes], object], *texts: bytes) -> str:
    found = []
    for text in texts:
        try:
            found.append(str(read(text)))
        except ValueError:
            found.append("error")
    return ", ".join(found)


def hosts(_ground: Ground) -> str:
    return ", ".join(str(normal_host(text)) for text in ("https://a.com", "10.0.0.1/8", "*.Example.ORG."))


def in_a_folder(ground: Ground) -> str:
    """Among good ones a bad task is a complaint, and the others are there."""
    folder = ground.folder / "several"
    write(folder / "a", PLAIN)
    write(folder / "b", {**PLAIN, "task.toml": "a = = b"})
    found = create(path=str(folder))
    return f"{[task.id for task in found]}, {len(found.faults)} complaint"


def linked(ground: Ground) -> str:
    folder = write(ground.folder / "linked", PLAIN)
    said = []
    for name, end in (("pw", "/etc/passwd"), ("round", "round")):
        (folder / "tests" / name).symlink_to(end)
        said.append(str(one_fault(folder)))
        (folder / "tests" / name).unlink()
    return f"{'a link to /etc/passwd' in said[0]}, {'a circle of links' in said[1]}"


def one_fault(folder: Path) -> Exception:
    found = create(path=str(folder))
    assert not list(found)
    return found.faults[0]


def ignored(ground: Ground) -> str:
    files: Files = {"tests/.harborignore": "x\n", "tests/x": "1"}
    task, other = ground.task(files), ground.task({**files, "tests/x": "2"})
    return f"uploaded {any(file.path == 'x' for file in check(task).files)}, digest changes {task.digest != other.digest}"


def digests(ground: Ground) -> str:
    """Against the algorithm in a dozen lines; a file at the root and a mode are outside it, a test is inside."""
    folder = write(ground.folder / "digested", PLAIN | {"tests/a/b.txt": "x", "README.md": "y", "environment/z.pyc": "ignored"})
    first = digest(folder)
    same = first == plain_digest(folder)
    (folder / "extra.txt").write_text("outside")
    (folder / "tests" / "test.sh").chmod(0o755)
    still = digest(folder) == first
    (folder / "tests" / "a" / "b.txt").write_text("other")
    return f"equal {same}, extra file and mode outside {still}, tests inside {digest(folder) != first}"


def plain_digest(folder: Path) -> str:
    """Harbor's algorithm where nothing but the usual leftovers is ignored."""
    rows = []
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        inside = name in {"task.toml", "instruction.md", "README.md", "trajectory.json"} or name.split("/")[0] in {
            "environment", "tests", "solution", "steps",
        }  # fmt: skip
        if path.is_file() and inside and not name.endswith((".pyc", ".swp", ".swo", "~", ".DS_Store")) and "__pycache__" not in name:
            rows.append(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return f"sha256:{hashlib.sha256(b''.join(rows)).hexdigest()}"


STEPS = '[[steps]]\nname = "a"\n[[steps]]\nname = "b"\n'
TWO: dict[str, str | None] = {"steps__a__instruction_md": "A", "steps__b__instruction_md": "B"}


def named(first: str, second: str) -> str:
    return f"[[steps]]\nname = {first!r}\n[[steps]]\nname = {second!r}\n"


READING: tuple[Case, ...] = (
    toml("1", "no table at all", "", "no limit, tests 600 s, network none (asked False), recorded",
         lambda t: f"{'no limit' if t.limits.tool_seconds is None else t.limits.tool_seconds}, tests {check(t).deadline:g} s, "
                   f"network {t.place.network} (asked {t.place.network_asked}), {warned('network_mode: not given')(t)}"),
    toml("2", 'version = "1.0"', 'version = "1.0"', "silent", warned("schema")),
    refused("3", "version = 1.0, a number", "version = 1.0", "version: found a value of type float"),
    toml("4", 'schema_version "9.9"', 'schema_version = "9.9"', "recorded", warned("'9.9'")),
    toml("5", "an unknown key at the root", "foo = 1", "recorded", warned("foo: unknown key")),
    refused("6", "an unknown key in [environment]", "[environment]\nfoo = 1", "environment.foo: found an unknown key"),
    refused("7", "[agent] allow_internet", "[agent]\nallow_internet = false", "agent.allow_internet: found an unknown key"),
    toml("8", 'memory "4G"', '[environment]\nmemory = "4G"', "4096", lambda t: t.place.memory_mb),
    toml("8", 'memory "1.5g"', '[environment]\nmemory = "1.5g"', "1536", lambda t: t.place.memory_mb),
    refused("8", 'memory "4GB"', '[environment]\nmemory = "4GB"', "environment.memory: found '4GB'"),
    refused("8", 'memory "512"', '[environment]\nmemory = "512"', "environment.memory: found '512'"),
    refused("8", "memory beside memory_mb", '[environment]\nmemory = "4G"\nmemory_mb = 1', "environment.memory"),
    refused("8", "memory = 512", "[environment]\nmemory = 512", "environment.memory: found a value of type int"),
    toml("9", "allow_internet = false", "[environment]\nallow_internet = false", "none", lambda t: t.place.network),
    toml("9", "the same beside network_mode public", '[environment]\nallow_internet = false\nnetwork_mode = "public"', "public",
         lambda t: t.place.network),
    refused("10", 'network_mode "none"', '[environment]\nnetwork_mode = "none"', "environment.network_mode: found 'none'"),
    refused("10", 'network_mode "Public"', '[environment]\nnetwork_mode = "Public"', "environment.network_mode: found 'Public'"),
    refused("11", "hosts without an allowlist", '[environment]\nallowed_hosts = ["a.com"]', "environment.allowed_hosts"),
    Case("11", "a URL, a network with host bits, a wildcard", "None, None, *.example.org", hosts),
    refused("11", "an allowlist, which nothing here can enforce", '[environment]\nnetwork_mode = "allowlist"\nallowed_hosts = ["a.com"]',
            "no egress filter"),
    toml("11", "an empty allowlist: nothing can be reached", '[environment]\nnetwork_mode = "allowlist"\nallowed_hosts = []', "none",
         lambda t: t.place.network),
    refused("13", "gpus = 1", "[environment]\ngpus = 1", "environment.gpus: found 1"),
    refused("14", 'os "Windows"', '[environment]\nos = "Windows"', "environment.os: found 'Windows'"),
    toml("15", "env templates: set, default, in the middle", '[environment.env]\nA = "${X}"\nB = "${Y:-d}"\nC = "a${X}"',
         "[('A', 'host'), ('B', 'd'), ('C', 'a${X}')]", lambda t: list(t.place.environment)),
    refused("15", "an env template that is not set", '[environment.env]\nA = "${NOPE}"', "environment.env.A: found ${NOPE}, which is not set"),
    refused("16", "an env value that is a number", "[environment.env]\nA = 1", "environment.env"),
    refused("17", "an unset variable of the verifier", '[verifier.env]\nA = "${NOPE}"', "verifier.env.A: found ${NOPE}"),
    refused("20", "neither image nor Dockerfile", "", "neither Dockerfile nor environment.docker_image", environment__Dockerfile=None),
    toml("21", "both: the image counts", '[environment]\ndocker_image = "a:1"', "a:1", lambda t: t.place.image.name if isinstance(t.place.image, ImageTag) else t.place.image),
    toml("24", "a canary at the top goes", "", "'Do.\\n'", lambda t: repr(t.brief.requests[0].text), instruction_md="<!-- CANARY x -->\n\nDo.\n"),
    toml("24", "a canary later stays", "", "'Do.\\n# canary\\n'", lambda t: repr(t.brief.requests[0].text), instruction_md="Do.\n# canary\n"),
    refused("25", "no instruction", "", "instruction.md", instruction_md=None),
    refused("25", "no test.sh", "", "test.sh", tests__test_sh=None),
    refused("25", "TOML that is none", "a = = b", "expected TOML"),
    refused("25", "a step without its folder", STEPS, "instruction.md", instruction_md=None),
    Case("25", "a bad task in a folder", "['a'], 1 complaint", in_a_folder),
    Case("26", "links out of the task, and in a circle", "True, True", linked),
    Case("27", "tests/.harborignore", "uploaded False, digest changes False", ignored),
    Case("33", "reward.txt: 0.5, 1e0, empty, nan, yes", "0.5, 1.0, error, error, error",
         lambda _: rewards(reward.from_text, b"0.5\n", b"1e0", b"", b"nan", b"yes")),
    Case("34", "reward.json with two keys", "{'reward': 1.0, 'style': 0.5}", lambda _: rewards(reward.from_json, b'{"reward":1,"style":0.5}')),
    Case("37", "reward.json: null, text, a bare number, 1e309", "error, error, error, error",
         lambda _: rewards(reward.from_json, b'{"a":null}', b'{"a":"1"}', b"0.5", b'{"a":1e309}')),
    toml("51", "tests/Dockerfile where the verifier is shared", "", "None", lambda t: check(t).place, tests__Dockerfile="FROM b"),
    refused("52", "shared beside a table of its own", '[verifier]\nenvironment_mode = "shared"\n[verifier.environment]\ncpus = 1',
            "verifier.environment: found a table beside environment_mode shared"),
    toml("60", "a step's tests have 600 s whatever the task says", f"[verifier]\ntimeout_sec = 2\n{STEPS}", "[600.0, 600.0]",
         lambda t: [step.check.deadline for step in steps(t).steps], **TWO),
    refused("61", "step names A and a", named("A", "a"), "names that differ by more than case"),
    refused("61", "a step called a/b", named("a/b", "c"), "steps.name: found 'a/b'"),
    refused("61", "a step called con.txt", named("con.txt", "c"), "steps.name: found 'con.txt'"),
    toml("62", "tools and skills that only some agents can use", '[environment]\nskills_dir = "/s"\n[[environment.mcp_servers]]\nname = "x"',
         "('mcp_servers', 'skills_dir')", lambda t: t.brief.needs),
    toml("62", "a broken trajectory.json", "", "('trajectory.json',)", lambda t: t.brief.needs, trajectory_json="{"),
    Case("63", "the digest", "equal True, extra file and mode outside True, tests inside True", digests),
    toml("-", "the oracle's variables", '[environment.env]\nA = "1"\n[solution.env]\nB = "2"', "['DEBIAN_FRONTEND', 'A', 'B']",
         lambda t: [name for name, _ in t.solution.environment] if isinstance(t.solution, SolveScript) else t.solution),
    toml("-", "a network for the tests alone", '[environment]\nnetwork_mode = "no-network"\n[verifier]\nnetwork_mode = "public"',
         "none, public", lambda t: f"{t.place.network}, {check(t).place.network if check(t).place else None}"),
    refused("-", "a compose file", "", "a compose file", **{"environment__docker-compose_yaml": "services: {}"}),
    refused("-", "an unknown key of a step", '[[steps]]\nname = "a"\nfoo = 1', "steps[0].foo: found an unknown key"),
)  # fmt: skip
