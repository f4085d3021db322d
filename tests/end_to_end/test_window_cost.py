"""What a server's default truncation costs, as a user sees it: whole trials on real servers whose window is really cut, beside the arm that refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from harness.core.events import ModelFailed, ModelOpened, Trace
from harness.core.trial import AS_USERS_RUN_IT
from harness.metrics.tries import of
from tests.end_to_end.tiny import FILES, FIX, last, longhaul, traces, write_task
from tests.services.scripted_script import Wanted, call
from tests.services.servers import OllamaServer

pytestmark = [pytest.mark.docker, pytest.mark.ollama]

Arms: TypeAlias = tuple[Path, dict[str, Any], dict[str, Trace]]
WINDOW = 4096
FLOOD = Wanted(calls=(call(command=f"{FIX}; seq 1 4000", seconds=10),))
"""Mends the task and fills the window in one call: what it was asked stands before the flood."""
MEMORY = (
    FILES["tests/longhaul.toml"]
    + """
[[stage]]
step = "task"
[[memory]]
id = "sub"
kind = "rule"
text = "leave `sub` as it is"
fingerprints = ["leave `sub` as it is"]
from = "task"
[[constraint]]
item = "sub"
predicate = { type = "says", paths = ["calc.py"], pattern = "return a - b" }
occasion = { type = "edits", paths = ["calc.py"] }
[[milestone]]
id = "task.1"
point = "1"
stage = "task"
predicate = { type = "says", paths = ["calc.py"], pattern = "return a [+] b" }
"""
)


@pytest.fixture(scope="module", params=["ollama_024", "ollama_034"])
def arms(request: pytest.FixtureRequest, base_image: object, tmp_path_factory: pytest.TempPathFactory) -> Arms:
    """On each generation one plan, both arms, and what `longhaul context` tells of them: (home, its document, variant -> trace)."""
    ollama: OllamaServer = request.getfixturevalue(request.param)
    home = tmp_path_factory.mktemp("arms")
    plan = home / "plan.toml"
    plan.write_text(
        f'tasks = ["harbor:{write_task(home, longhaul=MEMORY)}"]\nattempts = 1\n[allow]\noffload = true\nunvalidated = true\n[limits]\nturns = 3\n'
        f'[[agents]]\nuse = "tool_loop"\n[[models]]\nuse = "ollama/{ollama.create(FLOOD)}"\nwindow = {WINDOW}\nas_users_run_it = true\n'
    )
    done = longhaul(home, "run", str(plan), "--quiet", OLLAMA_HOST=ollama.url)
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    told = longhaul(home, "context", "last", "--all", "--json")
    assert told.returncode == 0, told.stderr
    return home, json.loads(told.stdout), {key.variant: trace for key, trace in traces(last(home))}


def group(arms: Arms, variant: str) -> dict[str, Any]:
    (found,) = (each for each in arms[1]["groups"] if each["variant"] == variant)
    return dict(found)


def account(arms: Arms, variant: str) -> dict[str, Any]:
    (found,) = (each for each in arms[1]["accounts"] if each["variant"] == variant)
    return dict(found)


def test_refused_where_nobody_may_cut(arms: Arms) -> None:
    """The first arm hears that its view does not fit, nothing is taken, and its work until then is graded."""
    trace = arms[2][""]
    assert of(trace, ModelFailed)[-1].fault == "overflow"
    assert not of(trace, ModelOpened)[0].facts.cuts_declared
    assert group(arms, "")["cut"]["turns"] == 0
    assert {each["kind"] for each in account(arms, "")["findings"]} == {"A4"}


def test_as_users_run_it_is_graded_and_its_cuts_are_counted(arms: Arms) -> None:
    """Declared beforehand, so that the trial counts: from the flood on each turn is a finding with its tokens."""
    assert of(arms[2][AS_USERS_RUN_IT], ModelOpened)[0].facts.cuts_declared
    served = group(arms, AS_USERS_RUN_IT)["cut"]
    assert (served["turns"], served["of_turns"], served["declared"]) == (2, 3, 1)
    assert served["tokens"] > 0
    cuts = [each for each in account(arms, AS_USERS_RUN_IT)["findings"] if each["kind"] == "A1"]
    assert [each["turn"] for each in cuts] == [2, 3]
    assert all(each["mechanism"] == "E" and "as the arm declares" in each["detail"] for each in cuts)


def test_what_was_asked_is_lost_with_the_cut(arms: Arms) -> None:
    """The rule stood in the request, which goes before any token is cut: in view at the first turn, not from the flood on; where it was refused it stays."""
    home, _, found = arms
    trials = {key.variant: short for short, key in last(home).keys().items()}
    assert set(trials) == set(found)
    seen = {}
    for variant, turn in (("", 1), (AS_USERS_RUN_IT, 1), (AS_USERS_RUN_IT, 2), (AS_USERS_RUN_IT, 3)):
        done = longhaul(home, "context", "last", trials[variant], "--turn", str(turn), "--json")
        (sight,) = (each for each in json.loads(done.stdout)["sights"] if each["item"] == "sub")
        seen[variant, turn] = sight["visible"]
    assert seen == {("", 1): True, (AS_USERS_RUN_IT, 1): True, (AS_USERS_RUN_IT, 2): False, (AS_USERS_RUN_IT, 3): False}


def test_the_arms_are_told_side_by_side_and_not_compared(arms: Arms) -> None:
    """As text: what was taken in which arm, with tokens and items, and that other shares of A forbid a comparison."""
    alone, text = (" ".join(longhaul(arms[0], "context", "last", *more).stdout.split()) for more in (("--kind", "A1"), ()))
    assert "tokens; gone from sight: sub" in alone
    assert "not to be compared with one another" in alone
    assert "the server took nothing from the view" in text
    assert "the server took something at 2 of 3 turns" in text
    assert "1 of these declared it beforehand" in text
    assert "not to be compared with one another" in text
