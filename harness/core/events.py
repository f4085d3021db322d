"""The events of a trial: past tense, frozen, raw; what the world said, nothing derived. An Entry gives one its place and time."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from harness.core.agent import Claim, Stop
from harness.core.blob import Blob
from harness.core.chat import Content, Origin, PartId, ReplyStop, Role, Sampling, Timing, Usage
from harness.core.errors import Blame, Fault
from harness.core.facts import ModelFacts
from harness.core.lived import OutsideKept, OutsideSeen, PastLived, StepEnded
from harness.core.machine import Ended, Resources, SandboxFacts
from harness.core.trial import Parent, TestResult, TrialKey


class Digests(msgspec.Struct, frozen=True):
    """Each "sha256:..."; `harness` names version and source digest."""

    task: str
    prompts: str
    tools: str
    harness: str


class TrialStarted(msgspec.Struct, frozen=True, tag=True):
    """`number` counts tries from 1; `seed` is the plan's for this attempt, what was sent of it stands in ModelAsked's sampling.

    `limits` in the words of core.task.Limits, as JSON text.
    """

    key: TrialKey
    number: int
    parent: Parent | None
    seed: int | None
    digests: Digests
    limits: str
    host: str


class SandboxOpened(msgspec.Struct, frozen=True, tag=True):
    purpose: Literal["agent", "grading"]
    facts: SandboxFacts


class ModelOpened(msgspec.Struct, frozen=True, tag=True):
    facts: ModelFacts


class RequestGiven(msgspec.Struct, frozen=True, tag=True):
    """`message` is the id of the message whose parts carry the words; `index` counts requests from 1."""

    request: str
    message: str
    index: int


class PartAdded(msgspec.Struct, frozen=True, tag=True):
    """A part, written once. When `blob` is given it holds the content's words (UTF-8, surrogates passed) and the event an excerpt."""

    id: PartId
    role: Role
    origin: Origin
    content: Content
    blob: Blob | None = None
    escaped: bool = False


class ViewEdited(msgspec.Struct, frozen=True, tag=True):
    policy: str
    dropped: tuple[str, ...]
    replaced: tuple[tuple[str, str], ...]
    reason: str


class PromptRendered(msgspec.Struct, frozen=True, tag=True):
    """The server's own rendering of the view about to be asked; `thinking_lost`: earlier reasoning is not in it any more."""

    blob: Blob | None
    thinking_lost: bool | None


class SlotWaited(msgspec.Struct, frozen=True, tag=True):
    """Waiting for a free model; charged to nobody."""

    seconds: float


class Splice(msgspec.Struct, frozen=True, array_like=True):
    """At index `at` of the list of part ids so far, drop `drop` and insert `insert`."""

    at: int
    drop: int
    insert: tuple[PartId, ...]


class ModelAsked(msgspec.Struct, frozen=True, tag=True):
    """`turn` counts from 1; retries of one turn repeat it. The view is the fold of all splices of the trial."""

    turn: int
    splices: tuple[Splice, ...]
    sampling: Sampling
    window: int | None
    max_output: int
    thinking: str
    tools: str


class PromptCounted(msgspec.Struct, frozen=True, tag=True):
    """The prompt of the turn just answered, counted once more. `by`: the provider's kind; `more`: refused as longer than `tokens`, the window."""

    tokens: int
    by: str
    more: bool = False


class ModelFailed(msgspec.Struct, frozen=True, tag=True):
    """`number` counts failures of this turn from 1."""

    fault: Fault
    blame: Blame
    text: str
    status: int | None
    will_retry: bool
    wait_s: float
    number: int
    prompt_tokens: int | None = None
    window: int | None = None
    body: Blob | None = None
    bytes: Blob | None = None


class ModelReplied(msgspec.Struct, frozen=True, tag=True):
    """`parts` are ids of the parts added for it; `body` and `bytes` the request and reply on the wire."""

    message: str
    parts: tuple[PartId, ...]
    stop: ReplyStop
    raw_stop: str
    usage: Usage
    timing: Timing
    thinking_kept: bool | None
    leaked: int
    repaired: int
    malformed: tuple[tuple[str, Blame], ...]
    warnings: tuple[str, ...]
    remote: str
    body: Blob | None
    bytes: Blob | None


class ToolCalled(msgspec.Struct, frozen=True, tag=True):
    id: str
    name: str
    raw_arguments: str
    escaped: bool = False
    blob: Blob | None = None


class ShellState(msgspec.Struct, frozen=True):
    """`kept` False: the command was killed and the state is the one from before.

    `environment`: the exported variables (NAME=VALUE, joined by NUL) where they differ from those last on record.
    """

    cwd: str
    kept: bool
    environment: Blob | None = None


class ToolReturned(msgspec.Struct, frozen=True, tag=True):
    """`problem` names a call that was not run (unknown_tool, malformed, arguments); `shown` and `total` in bytes; `blob` is the whole."""

    id: str
    ok: bool
    exit_code: int | None
    ended: Ended | None
    seconds: float
    shown: int
    total: int
    blob: Blob | None
    problem: str = ""
    blame: Blame | None = None
    state: ShellState | None = None
    killed: int = 0
    claim: Claim | None = None


class TreeSeen(msgspec.Struct, frozen=True, tag=True):
    """`tree`: git tree id of all files; `extra`: digest of the manifest of what a git tree can't hold; `git`: digest of the agent's .git.

    `author` is who made the difference from the last tree: a tool's name, "harness" or "start". `alive`: the agent's processes meanwhile.
    """

    tree: str
    extra: str
    git: str
    author: str
    changed: int
    removed: int
    alive: int
    truncated: bool = False
    """Part of the workspace could not be seen."""


class ResourcesSeen(msgspec.Struct, frozen=True, tag=True):
    resources: Resources


class TurnYielded(msgspec.Struct, frozen=True, tag=True):
    claim: Claim | None


class LimitReached(msgspec.Struct, frozen=True, tag=True):
    stop: Stop
    spent: float
    bound: float


class AgentStopped(msgspec.Struct, frozen=True, tag=True):
    stop: Stop
    detail: str = ""


class PatchTaken(msgspec.Struct, frozen=True, tag=True):
    """What the engine handed out, compared with base. `differs`: paths where the last tree seen says otherwise. `blob`: the packed difference."""

    base: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    left_out: tuple[str, ...]
    differs: tuple[str, ...]
    blob: Blob


class GradeRan(msgspec.Struct, frozen=True, tag=True):
    """One phase of grading in one mode. `results` only of a reading phase.

    Modes: fresh (a fresh container, the work as it was left), strict (the same with runner files restored), twin (expectations changed),
    shared (the agent's own machine), separate (the task's verifier image), official (another package's verdict), replay (no machine: what
    the recorded trees of a replay show of one item; `detail` is "honoured", "violated" or "none").
    """

    phase: Literal["collect", "apply", "prepare", "test", "read", "calls", "scan", "official", "observe"]
    mode: str
    ok: bool
    exit_code: int | None
    ended: Ended | None
    seconds: float
    results: tuple[TestResult, ...] = ()
    reward: float | None = None
    detail: str = ""
    log: Blob | None = None
    restored: tuple[str, ...] = ()
    step: str = ""
    """The step of a task of several that was graded; "" where the task is graded once."""
    canary: tuple[str, str] | None = None
    """Ids of the pair that stood among the tests of this reading: (must pass, must fail)."""
    demanded: tuple[str, ...] = ()
    """Ids that must be seen failing in a twin run."""
    evidence: tuple[str, ...] = ()
    """Sentences: signs of forging (a reading), or of code that knows it is tested (a scan)."""
    rewards: tuple[tuple[str, float], ...] = ()
    """Every key of a reward file; `reward` is the figure made of them."""


class TrialBroke(msgspec.Struct, frozen=True, tag=True):
    """A fault of the world, or of the harness itself, ended this try."""

    where: Literal["model", "sandbox", "store", "task", "harness"]
    text: str
    will_retry: bool


class TrialInterrupted(msgspec.Struct, frozen=True, tag=True):
    why: str


Event: TypeAlias = (
    TrialStarted | SandboxOpened | ModelOpened | RequestGiven | PartAdded | ViewEdited | PromptRendered | SlotWaited
    | ModelAsked | PromptCounted | ModelFailed | ModelReplied | ToolCalled | ToolReturned | TreeSeen | ResourcesSeen
    | TurnYielded | StepEnded | LimitReached | AgentStopped | PatchTaken | GradeRan | TrialBroke | TrialInterrupted
    | PastLived | OutsideSeen | OutsideKept
)


class Entry(msgspec.Struct, frozen=True):
    """`seq` counts from 1 in a trial over all its tries; `at` is seconds on the harness's monotonic clock since the trial's first event."""

    seq: int
    at: float
    event: Event


Trace: TypeAlias = tuple[Entry, ...]
