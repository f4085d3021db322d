"""One line for every night: it begins a run, goes on with it, or says that it is over, and never mixes two plans under one name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.preparing.plans import Said, worded
from harness.cli.running.continuation import begun, facts
from harness.core.errors import PlanError
from harness.settings import read
from tests.nightly.laid import laid

Inside = Callable[..., tuple[int, str, str]]
PLAN = """format = 1
attempts = 2
fresh = 1
tasks = ["bundled"]
[[models]]
use = "ollama/qwen3:8b"
window = 32768
[[agents]]
use = "coder"
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    return tmp_path / "plan.toml"


def asked(plan: Path) -> dict[str, str]:
    return facts(worded(Said(plan)))


def test_a_finished_run_is_told_and_not_begun_again(plan: Path, inside: Inside, tmp_path: Path) -> None:
    """Its table and that table's exit code, without a model or an engine being asked."""
    laid(tmp_path / "home", "20260101-200000-aaaa", name="monday", **asked(plan))
    code, out, err = inside("run", str(plan), "--run", "monday", "--or-resume")
    assert (code, err) == (0, "")
    assert "monday is run 20260101-200000-aaaa, which is finished" in out
    assert "planned 1 = 1 passed" in out
    assert [path.name for path in (tmp_path / "home" / "runs").iterdir()] == ["20260101-200000-aaaa"]


def test_another_run_of_a_name_that_exists_is_said_to_be_one(plan: Path, inside: Inside, tmp_path: Path) -> None:
    """Without --or-resume a second run of the name begins, and nobody can miss that the first one is there."""
    laid(tmp_path / "home", "20260101-200000-aaaa", name="monday", **asked(plan))
    _, out, _ = inside("run", str(plan), "--run", "monday")
    assert "a run named monday exists, 20260101-200000-aaaa, which is finished; this is another one" in " ".join(out.split())
    assert "exists" not in inside("run", str(plan), "--run", "tuesday")[1]


def test_a_run_that_is_left_is_gone_on_with(plan: Path, inside: Inside, tmp_path: Path) -> None:
    """It is said how much is left, and it goes on as `resume` does: what is missing now, here the agent's model, is one sentence."""
    laid(tmp_path / "home", "20260101-200000-aaaa", name="monday", done=False, **asked(plan))
    code, out, err = inside("run", str(plan), "--run", "monday", "--or-resume")
    assert (code, "1 of 1 trials are left" in out, len(err.splitlines())) == (2, True, 1)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("attempts = 2", "attempts = 3"), "attempts"), (("window = 32768", "window = 8192"), "models.1.window"), (('"coder"', '"tool_loop"'), "agents.1.use"),
        (('["bundled"]', '["bundled", "catalogue"]'), "tasks.2"), (("fresh = 1", "fresh = 1\nfresh_seed = 7"), "fresh_seed"), (("window = 32768", ""), "models.1.window"),
    ],
)  # fmt: skip
def test_another_plan_under_the_name_is_refused(change: tuple[str, str], key: str, plan: Path, inside: Inside, tmp_path: Path) -> None:
    """One sentence, exit 2, with the key, what it was and what it is; a finished run of another plan is no green night either."""
    laid(tmp_path / "home", "20260101-200000-aaaa", name="monday", **asked(plan))
    plan.write_text(PLAN.replace(*change), encoding="utf-8")
    code, out, err = inside("run", str(plan), "--run", "monday", "--or-resume")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    for word in (f"{key}: found", "as monday (20260101-200000-aaaa) was begun", "another --run NAME"):
        assert word in err


def test_bounds_are_no_other_plan(plan: Path, tmp_path: Path) -> None:
    """More trials at a time or more money change how far a run comes, and not what it measures; nor do fresh seeds, drawn anew each time."""
    path = laid(tmp_path / "home", "20260101-200000-aaaa", name="monday", **asked(plan))
    settings = read({"LONGHAUL_HOME": str(tmp_path / "home")})
    now = worded(Said(plan, parallel=4, max_cost=99.0))
    assert begun("monday", now, settings) == path
    assert begun("tuesday", now, settings) is None


def test_the_newest_of_a_name_is_meant(plan: Path, tmp_path: Path) -> None:
    """A name that was used twice means the run that was begun last."""
    for number in (1, 3, 2):
        laid(tmp_path / "home", f"2026010{number}-200000-aaaa", name="monday", **asked(plan))
    found = begun("monday", worded(Said(plan)), read({"LONGHAUL_HOME": str(tmp_path / "home")}))
    assert found is not None
    assert found.name == "20260103-200000-aaaa"


def test_a_run_without_its_plan_as_asked_is_not_guessed_at(plan: Path, tmp_path: Path) -> None:
    """A fork, a proof or an older record under the name: whether it is the same can't be said, so it is refused."""
    laid(tmp_path / "home", "20260101-200000-aaaa", name="monday")
    with pytest.raises(PlanError, match="longhaul resume 20260101-200000-aaaa"):
        begun("monday", worded(Said(plan)), read({"LONGHAUL_HOME": str(tmp_path / "home")}))


def test_a_name_is_needed(plan: Path, inside: Inside, tmp_path: Path) -> None:
    """Without one there is nothing to find again: one sentence, and no store is made."""
    code, _, err = inside("run", str(plan), "--or-resume")
    assert (code, "--run NAME" in err, len(err.splitlines()), (tmp_path / "home").exists()) == (2, True, 1, False)
