"""Runs for other tools: Harbor's own models read the results and its validator accepts every trajectory; nothing of the record is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from benchmarks.synthetic import Scale, lay
from harness.cli.record.runs import remembered
from harness.core.agent import Stop
from harness.core.blob import Blob
from harness.core.chat import Origin, Role, Text, ToolCall, message
from harness.core.errors import PlanError
from harness.core.events import AgentStopped, Digests, Entry, ModelReplied, ToolCalled, TrialStarted
from harness.core.parts import added
from harness.core.trial import TrialKey
from harness.exchange import atif, folders, harbor
from harness.metrics.row import Row
from harness.plan import Plan
from harness.report.overview import About
from harness.report.readout import about, rows
from harness.settings import read
from harness.store.sqlite import RunStore
from tests.cli.rows import a_row
from tests.exchange.harbor_wheel import asked

VALIDATE = "import sys\nfrom harbor.utils.trajectory_validator import TrajectoryValidator\nfor path in sys.argv[1:]:\n    judge = TrajectoryValidator()\n    assert judge.validate(path), judge.get_errors()\n"
LOAD = (
    "import sys\nfrom pathlib import Path\nfrom harbor.models.trial.result import TrialResult\nfrom harbor.models.job.result import JobResult\n"
    "job = JobResult.model_validate_json(Path(sys.argv[1]).read_text())\n"
    "for path in sys.argv[2:]:\n    found = TrialResult.model_validate_json(Path(path).read_text())\n    print(found.trial_name, found.verifier_result.rewards if found.verifier_result else None)\n"
    "print(job.n_total_trials)\n"
)


class Made(msgspec.Struct, frozen=True):
    store: RunStore
    rows: tuple[Row, ...]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A record of four trials of twelve turns, with calls, edits of views, thinking and blobs."""
    store = RunStore(lay(tmp_path_factory.mktemp("export"), Scale(tasks=2, attempts=1, turns=12)))
    return Made(store, rows(store, remembered(store, Plan(("x",)), read())))


def test_every_trajectory_is_valid_and_holds_the_whole_journal(made: Made, tmp_path: Path) -> None:
    """Harbor's validator accepts each; from its steps and the blobs beside it the trace comes back equal."""
    written = folders.place(tmp_path / "out", "r", folders.trajectories(made.store, made.rows, made.store.blobs.get))
    paths = sorted(tmp_path.glob("out/t*/trajectory.json"))
    assert len(paths) == len(made.rows) == 4
    assert written.files == len([each for each in (tmp_path / "out").rglob("*") if each.is_file()])
    done = asked(VALIDATE, *map(str, paths))
    assert done.returncode == 0, done.stderr[-2000:]
    for path, row in zip(paths, made.rows, strict=True):
        document = json.loads(path.read_text())
        assert atif.journal(document) == made.store.trace(made.store.keys()[row.trial])
        for blob in atif.blobs(document):
            assert (tmp_path / "out" / "blobs" / blob.sha256).stat().st_size == blob.size
        told = document["final_metrics"]
        assert (told["total_prompt_tokens"], told["total_steps"]) == (row.tokens.input, len(document["steps"]))


def test_a_step_of_the_agent_is_a_question_with_its_reply_and_its_calls(made: Made) -> None:
    """As many agent steps as turns; each result names a call of its own step."""
    row = made.rows[0]
    trace = made.store.trace(made.store.keys()[row.trial])
    document = atif.trajectory(row, trace, made.store.blobs.get)
    agents = [step for step in document["steps"] if step["source"] == "agent"]
    assert len(agents) == sum(isinstance(entry.event, ModelReplied) for entry in trace)
    assert sum(len(step.get("tool_calls", ())) for step in agents) == sum(isinstance(entry.event, ToolCalled) for entry in trace)
    assert all(step["metrics"]["prompt_tokens"] > 0 for step in agents)
    assert [step["message"] for step in document["steps"] if step["source"] == "user"]


def test_a_job_loads_as_harbors_own(made: Made, tmp_path: Path) -> None:
    """TrialResult and JobResult read what is written; trials that ended well have the reward 1."""
    folders.place(tmp_path / "job", "r", folders.job(about(made.store), made.store, made.rows, made.store.blobs.get))
    trials = sorted(tmp_path.glob("job/*/result.json"))
    assert len(trials) == 4
    done = asked(LOAD, str(tmp_path / "job" / "result.json"), *map(str, trials))
    assert done.returncode == 0, done.stderr[-2000:]
    *told, total = done.stdout.splitlines()
    assert total == "4"
    assert sum("{'reward': 1.0}" in line for line in told) == sum(row.outcome == "passed" for row in made.rows)
    checked = asked(VALIDATE, *map(str, tmp_path.glob("job/*/agent/trajectory.json")))
    assert checked.returncode == 0, checked.stderr[-2000:]


@pytest.mark.parametrize(
    ("row", "reward", "exception"),
    [
        ({"outcome": "passed", "reason": "solved"}, 1.0, None), ({"outcome": "failed", "reason": "wrong"}, 0.0, None),
        ({"outcome": "failed", "reason": "wrong", "flags": ("reward by script",), "score": 0.25}, 0.25, None),
        ({"outcome": "failed", "reason": "limit", "stop": "time"}, 0.0, "AgentTimeoutError"), ({"outcome": "broken", "reason": "model"}, None, "LonghaulBrokenError"),
        ({"outcome": "invalid", "reason": "leak"}, None, "LonghaulInvalidError"),
    ],
)  # fmt: skip
def test_what_has_no_verdict_has_no_reward(row: dict[str, object], reward: float | None, exception: str | None) -> None:
    """A broken trial is an exception there, never a reward of 0; the clock is both, as in Harbor."""
    made = harbor.trial_result(About("r", created="2026-11-21T10:00:00+0000"), a_row(trial="t0001", task="a/b c", **row))
    assert (made["verifier_result"] and made["verifier_result"]["rewards"]["reward"]) == reward
    assert (made["exception_info"] and made["exception_info"]["exception_type"]) == exception
    assert made["started_at"] == "2026-11-21T10:00:00+00:00"
    assert "/" not in made["trial_name"]


def test_hostile_words_make_valid_json(tmp_path: Path) -> None:
    """Lone surrogates, arguments that are no object, NaN and deep nests: as text beside the call, and the file is ASCII."""
    raw = ('{"a": 1e999}', '{"a": NaN}', "[1]", '{"a":' * 300 + "1" + "}" * 300, '{"a": 1}', "\udcff")
    contents = (Text("hi \x00"), *(ToolCall(f"c{number}", "shell", words) for number, words in enumerate(raw)))
    blobs: dict[str, bytes] = {}

    def put(data: bytes) -> Blob:
        blobs[sha256(data).hexdigest()] = data
        return Blob(sha256(data).hexdigest(), len(data))

    said = message("a1", Role.ASSISTANT, Origin.MODEL, *contents)
    events = [
        TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 7, Digests("", "", "", ""), "{}", "h"),
        *(added(said, part, put) for part in said.parts), AgentStopped(Stop.ANSWERED),
    ]  # fmt: skip
    trace = tuple(Entry(seq, float(seq), event) for seq, event in enumerate(events, 1))
    document = atif.trajectory(a_row(trial="t0001", task="t"), trace, lambda blob: blobs[blob.sha256])
    path = tmp_path / "trajectory.json"
    path.write_bytes(folders.encoded(document))
    assert path.read_bytes().isascii()
    (step,) = (each for each in document["steps"] if each["source"] == "agent")
    assert [call["arguments"] for call in step["tool_calls"]] == [{}, {}, {}, {}, {"a": 1}, {}]
    assert atif.journal(json.loads(path.read_text())) == trace
    done = asked(VALIDATE, str(path))
    assert done.returncode == 0, done.stderr[-2000:]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A path where something is stays as it is, one that can't be written is no fault of the record, and what fails half-way leaves nothing."""
    (tmp_path / "there").mkdir()
    with pytest.raises(PlanError, match="which is there already"):
        folders.place(tmp_path / "there", "r", iter(()))
    with pytest.raises(PlanError, match="--to: found /proc/x"):
        folders.place(Path("/proc/x"), "r", iter(()))

    def broken() -> Iterator[tuple[str, bytes]]:
        yield "a/b", b"x"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        folders.place(tmp_path / "new", "r", broken())
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
