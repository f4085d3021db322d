"""A task in parts for its readers: Brief for the agent, Place for the sandbox, Check for the examiner, Solution for the oracle."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from harness.core.memory import Manifest, Move
from harness.core.observed import Observed
from harness.core.phases import Artifact, Health, Hook


class Request(msgspec.Struct, frozen=True):
    """What is asked of the agent; a staged task has several, given one after the other."""

    id: str
    text: str


class Brief(msgspec.Struct, frozen=True):
    """All that the agent may know. `test_command` is the repository's visible suite for run_tests, or empty."""

    requests: tuple[Request, ...]
    test_command: str = ""
    needs: tuple[str, ...] = ()
    """What the task has for an agent that can use it (such as mcp_servers); none of ours can, so only those that ask no model may run it."""


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one trial; None is no bound. `tell` lets the agent know them. Seconds, tokens, USD."""

    turns: int | None = 150
    tool_calls: int | None = None
    tokens: int | None = None
    cost_usd: float | None = None
    seconds: float | None = None
    tool_seconds: float | None = None
    official_seconds: float | None = None
    """The wall clock that the task's own format puts on the whole of the agent's work."""
    command_seconds: int = 120
    longest_command_seconds: int = 600
    tell: bool = False


class ImageTag(msgspec.Struct, frozen=True, tag="tag"):
    """An image by name: local first, pulled when a registry answers; `otherwise` says how it is made where none has it."""

    name: str
    otherwise: ImageBuild | ImageRecipe | None = None


class ImageBundle(msgspec.Struct, frozen=True, tag="bundle"):
    """A file made by `docker save`; `name` is the tag inside it."""

    path: str
    name: str


class ImageBuild(msgspec.Struct, frozen=True, tag="build"):
    """A Dockerfile with its context folder; `foreign` builds are announced and refused by --no-build."""

    context: str
    dockerfile: str = "Dockerfile"
    foreign: bool = True
    deadline: float = 600


class ImageRecipe(msgspec.Struct, frozen=True, tag="recipe"):
    """A repository from an sdist (name, version, digest) with pinned requirements: a swebench row's own words, as JSON text."""

    kind: str
    text: str
    folder: str


ImageSource: TypeAlias = ImageTag | ImageBundle | ImageBuild | ImageRecipe


class Place(msgspec.Struct, frozen=True):
    """Where the work happens. `memory_mb` MiB, `cpus` cores; `network` is none unless asked for."""

    image: ImageSource
    workdir: str = ""
    cpus: float = 2.0
    memory_mb: int = 4096
    pids: int = 512
    network: Literal["none", "public"] = "none"
    environment: tuple[tuple[str, str], ...] = ()
    upload: str = ""
    """A folder whose contents are laid into the workdir when the image is prepared, or empty."""
    setup: tuple[str, ...] = ()
    """Shell commands run once, as the agent's user, when the image is derived (a classic row's preparation)."""
    user: str = ""
    """Who commands run as: a name or number of the image's passwd; "" is uid 1000. Root needs the user's leave before a run."""
    network_asked: bool = True
    """False where the task says nothing of a network, and `network` is none by our rule alone."""
    health: Health | None = None
    """What must hold before the agent begins."""
    otherwise: str = ""
    """The workdir where neither `workdir` nor the image names one other than /."""
    newest: str = ""
    """A day (YYYY-MM-DD): where the task says so, nothing younger may lie among the image's packages, caches and commits."""
    history: Literal["cut", "kept"] = "cut"
    """Whether the repository holds nothing beyond its base commit. "kept" is for machines that grade: no agent ever sees one."""


class CopiedFile(msgspec.Struct, frozen=True):
    """A file of the task: `path` relative to where it goes (posix), its bytes and mode."""

    path: str
    data: bytes
    mode: int = 0o644


class Item(msgspec.Struct, frozen=True):
    """A graded, weighted check made of tests; weights of a task's items sum to 1."""

    id: str
    weight: float
    select: tuple[str, ...]


class Call(msgspec.Struct, frozen=True):
    """A call of a named entry point from a process that holds no tests: `entry` is "module:function"; the rest is JSON text.

    `arguments` is a list, `keywords` an object; `returns` the value it must give, or `raises` the name of what it must raise.
    Only the inputs enter the container. `id` stands among FAIL_TO_PASS or PASS_TO_PASS.
    """

    id: str
    entry: str
    arguments: str = "[]"
    keywords: str = "{}"
    returns: str = "null"
    raises: str = ""


class TestIds(msgspec.Struct, frozen=True, tag="test_ids"):
    """Verdict by named tests. `files` enter the work tree only for grading; `report` path is given as $LONGHAUL_REPORT."""

    __test__ = False

    command: str
    format: Literal["junit", "pytest"]
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    files: tuple[CopiedFile, ...] = ()
    replaced: tuple[str, ...] = ()
    """Folders of the work tree that `files` replace whole."""
    allow: tuple[str, ...] = ()
    deadline: float = 600
    items: tuple[Item, ...] = ()
    regression_only: bool = False
    calls: tuple[Call, ...] = ()
    twin: tuple[str, ...] | None = None
    """Ids whose mutants the oracle was seen to fail; None where nobody has looked. Known on this machine, not part of the digest."""
    quarantined: tuple[str, ...] = ()
    """Ids left out because they were seen both passing and failing with the oracle. Known on this machine, not part of the digest."""


class RewardScript(msgspec.Struct, frozen=True, tag="reward_script"):
    """Verdict by a script's reward: `files` go to /tests, `script` runs there and writes /logs/verifier/reward.{json,txt}."""

    files: tuple[CopiedFile, ...]
    script: str = "test.sh"
    environment: tuple[tuple[str, str], ...] = ()
    deadline: float = 600
    place: Place | None = None
    """The machine it is graded in, where that is not a fresh one of the task's own place."""
    separate: bool = False
    """Nothing of the agent's machine is there but the artifacts."""
    upload: bool = True
    """False where the image of `place` brings /tests along."""
    shared: bool = False
    """Graded in the agent's own machine, opened anew without its processes: whatever the agent left there has a say."""
    collect: tuple[Hook, ...] = ()
    artifacts: tuple[Artifact, ...] = ()


class GradedStep(msgspec.Struct, frozen=True):
    """A request of several that is graded by itself once it was worked on; `name` is the request's id.

    `workdir`: laid into the workdir before the request is given; then `setup` (a shell command, or "") and `health` must end well.
    `least`: (key, reward) that must be reached for the next step to begin. `seconds`: bound on the tools' time of this step.
    """

    name: str
    check: RewardScript
    workdir: tuple[CopiedFile, ...] = ()
    setup: str = ""
    health: Health | None = None
    least: tuple[tuple[str, float], ...] = ()
    seconds: float | None = None


class Steps(msgspec.Struct, frozen=True, tag="steps"):
    """Verdict by the rewards of steps. `strategy`: the mean over all steps, or the last one's reward."""

    steps: tuple[GradedStep, ...]
    strategy: Literal["mean", "final"] = "mean"
    deadline: float | None = None
    """A bound on each step's tests in place of their own; None: their own."""

    @property
    def fail_to_pass(self) -> tuple[str, ...]:
        """No test is named."""
        return ()

    @property
    def pass_to_pass(self) -> tuple[str, ...]:
        """No test is named."""
        return ()


class Official(msgspec.Struct, frozen=True, tag="official"):
    """Verdict by another package's own grader, run in a child process: `grader` names the module, `row` is its JSON text."""

    grader: str
    row: str
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    deadline: float = 1800
    place: Place | None = None
    """The machine it is graded in, where that is not a fresh one of the task's own place."""


Check: TypeAlias = TestIds | RewardScript | Steps | Official | Observed


class SolveScript(msgspec.Struct, frozen=True, tag="script"):
    """A folder with solve.sh, run by the oracle in the workdir."""

    files: tuple[CopiedFile, ...]
    script: str = "solve.sh"
    environment: tuple[tuple[str, str], ...] = ()


class SolveSteps(msgspec.Struct, frozen=True, tag="steps"):
    """A script for each step, by the name of its request."""

    steps: tuple[tuple[str, SolveScript], ...]


class GoldPatch(msgspec.Struct, frozen=True, tag="patch"):
    """A unified diff against the base."""

    diff: bytes


Solution: TypeAlias = SolveScript | SolveSteps | GoldPatch


class Provenance(msgspec.Struct, frozen=True):
    """Public facts: `source` as the plan names it, `created` a date or empty, `kind` public / private / generated."""

    source: str
    created: str = ""
    kind: Literal["public", "private", "generated"] = "private"
    languages: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """Deviations and ignored keys, recorded and shown."""
    draft: bool = False
    """The request was written by a machine and nobody has accepted it: its trials stand outside the rates."""


class TaskSpec(msgspec.Struct, frozen=True):
    """One task. `digest` is "sha256:..." over everything that decides what is asked and how it is judged."""

    id: str
    digest: str
    brief: Brief
    place: Place
    check: Check
    provenance: Provenance
    limits: Limits = Limits()
    solution: Solution | None = None
    doubts: tuple[str, ...] = ()
    """What each of its rows must say of it: not validated, graded where a reward can be forged, ids left out. Known on this machine, not part of the digest."""
    memory: Manifest | None = None
    """What should be kept in mind over it; None where its author did not say."""
    moves: tuple[Move, ...] = ()
    """How a worker who forgets nothing goes about it, turn by turn; () where nobody wrote that down."""


def places(task: TaskSpec) -> tuple[Place, ...]:
    """Every machine that a trial of the task opens: the agent's first, then those where it is graded, each once."""
    match task.check:
        case RewardScript(place=place) | Official(place=place):
            graded: tuple[Place | None, ...] = (place,)
        case Steps(steps=steps):
            graded = tuple(step.check.place for step in steps)
        case _:
            graded = ()
    return tuple(dict.fromkeys((task.place, *(place for place in graded if place is not None))))
