"""Plans from files, and the trial keys they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import PlanError
from harness.core.task import Limits
from harness.plan import Combination, ModelEntry, Plan, PlanLimits, keys, limits_of, load, seed_of

GOOD = """
format = 1
name = "nightly"
seed = 7
attempts = 3
tasks = ["bundled", "harbor:./mine#fix-*"]
[[models]]
use = "ollama/qwen3.6:27b"
window = 65536
options = { keep_alive = "1h" }
[[agents]]
use = "coder"
[limits]
turns = 80
[run_limits]
cost_usd = 5.0
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.toml"
    path.write_text(text)
    return path


def test_a_plan_is_read(tmp_path: Path) -> None:
    """What the file says is what the plan holds; the rest has its default."""
    plan = load(written(tmp_path, GOOD))
    assert plan.tasks == ("bundled", "harbor:./mine#fix-*")
    assert plan.models == (ModelEntry("ollama/qwen3.6:27b", window=65536, options={"keep_alive": "1h"}),)
    assert (plan.limits.turns, plan.limits.command_seconds, plan.run_limits.cost_usd) == (80, 120, 5.0)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("tasks = []", "tasks"),
        ('tasks = ["bundled"]\nformat = 2', "format"),
        ('tasks = ["bundled"]\nattemps = 3', "attemps"),
        ('tasks = ["bundled"]\nattempts = "three"', "attempts"),
        ('tasks = ["bundled"]\nattempts = 0', "attempts"),
        ('tasks = "bundled"', "tasks"),
        ('tasks = ["bundled"]\n[[models]]\nuse = "qwen"', "models.use"),
        ('tasks = ["bundled"]\n[[models]]\nuse = "a/b"\n[[models]]\nuse = "a/b"', "models.use"),
        ('tasks = ["bundled"]\n[[models]]\nuse = "a/b"\nwindow = 5', "models.window"),
        ('tasks = ["bundled"]\n[limits]\nturn = 5', "limits.turn"),
        ('tasks = ["bundled"]\n[limits]\ncost_usd = nan', "limits.cost_usd"),
        ('tasks = ["bundled"]\n[limits]\ntokens = -1', "limits.tokens"),
        ('tasks = ["bundled"]\n[run_limits]\nhours = 0', "run_limits.hours"),
        ('tasks = ["bundled"]\n[grading]\ntimeout_s = 0', "grading.timeout_s"),
        ('tasks = ["bundled"]\n[run_limits]\ncost_usd = inf', "run_limits.cost_usd"),
        ('tasks = ["bundled"]\n[[models]]\nuse = "a/b"\noptions = { top = nan }', "models.options.top"),
        ('tasks = ["bundled"]\n[[models]]\nuse = "a/b"\nconcurrency = 0', "models.concurrency"),
        ('tasks = ["bundled"', ""),
        ("name = 'x'", ""),
    ],
)
def test_a_wrong_plan_is_told_by_field(tmp_path: Path, text: str, field: str) -> None:
    """One sentence with the file, the field, what was found and what was expected."""
    with pytest.raises(PlanError) as told:
        load(written(tmp_path, text))
    assert told.value.complaint.file.endswith("plan.toml")
    assert told.value.complaint.field == field
    assert told.value.complaint.found
    assert "\n" not in str(told.value)


def test_keys_are_balanced_when_a_run_stops_early() -> None:
    """All combinations of all tasks come once before any comes twice."""
    pairs = (Combination("coder", "a/x"), Combination("idle", "none"))
    found = keys("r", 2, ("t1", "t2"), pairs)
    assert len(set(found)) == 8
    assert {key.attempt for key in found[:4]} == {1}


def test_a_seed_is_the_same_for_all_models() -> None:
    """Seeds come from plan seed, task and attempt alone, and stay the same for ever."""
    assert seed_of(7, "task", 1) == 1965310338
    assert len({seed_of(7, "task", n) for n in range(100)}) == 100
    assert 0 <= seed_of(0, "x", 1) < 2**31


def test_the_strictest_limit_holds() -> None:
    """A trial may spend what plan, task and the rest of the run's money all allow."""
    plan = Plan(("bundled",))
    assert limits_of(plan, Limits(cost_usd=3.0, tool_seconds=60.0), 1.5).cost_usd == 1.5
    assert limits_of(plan, Limits(tool_seconds=60.0), None).tool_seconds == 60.0
    assert limits_of(plan, Limits(), None).turns == 150


def test_many_requests_have_many_turns() -> None:
    """A task's own number of turns holds where the plan says none; what the plan says holds over any task's."""
    assert limits_of(Plan(("staged:XL",)), Limits(turns=960), None).turns == 960
    assert limits_of(Plan(("staged:XL",)), Limits(turns=None), None).turns == 150
    assert limits_of(Plan(("staged:XL",), limits=PlanLimits(turns=40)), Limits(turns=960), None).turns == 40


def test_an_unknown_key_gets_the_nearest(tmp_path: Path) -> None:
    """A typing mistake in a plan is answered with what was probably meant."""
    with pytest.raises(PlanError) as told:
        load(written(tmp_path, 'tasks = ["bundled"]\nattemps = 3'))
    assert "'attempts'" in told.value.complaint.expected
