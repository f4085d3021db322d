"""`longhaul study` before anything is spent: what will be tested and what it can show, and plans that are refused in a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from harness.answer.study.claims import STUDIES, Study
from harness.cli.context.study_draft import drafted
from harness.cli.context.study_plan import StudyPlan, load, of_leg, sizes
from harness.cli.context.study_record import STUDY, Record, runs
from harness.cli.context.study_running import recorded
from harness.cli.context.study_text import show, show_plan
from harness.core.errors import PlanError
from harness.plan import ModelEntry
from harness.settings import read as settings
from harness.store.sqlite import create

Inside = Callable[..., tuple[int, str, str]]
MODEL = '[[models]]\nuse = "simulated/logistic-d50=4000-slope=2"\nwindow = 24000\n'
GOOD = 'format = 1\ntier = "S"\nfamilies = ["T6"]\ntasks = 10\nattempts = 2\nbudgets = [8192, 16384]\nagents = ["coder", "masking"]\n' + MODEL


def write(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text)
    return path


def test_a_dry_run_spends_nothing(inside: Inside, tmp_path: Path) -> None:
    """Claims with rules, power and a forecast of each run in one object; no run is made."""
    write(tmp_path, GOOD)
    code, out, err = inside("study", "budget", "study.toml", "--dry-run", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["schema"] == "longhaul.study/1"
    assert [each["id"] for each in told["claims"] if each["primary"]] == ["masking", "small-budget"] == [each["claim"] for each in told["promises"]]
    assert set(told["estimates"]) == {"budget 8192", "budget 16384"}
    assert all(each["hours"]["low"] <= each["hours"]["high"] for each in told["estimates"].values())
    assert told["money"] == {"runs": 2, "probes": 0, "each": 10.0, "whole": 20.0}
    assert told["unsettled"]
    assert not (settings().home / "runs").exists()


def test_what_will_be_tested_is_said_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each primary endpoint with its rule and its power, how many are exploratory, and what stays open; at 80 columns, too."""
    made = drafted("budget", load(write(tmp_path, GOOD), "budget"), "study.toml")
    for width in (200, 80):
        show_plan(made, {}, Console(width=width))
        out = capsys.readouterr().out
        for words in ("money: at most 20 USD in all: 2 runs, each within its own 10 USD", "will test masking", "supported if", "not settled here", "(Holm over all models)", "found in"):
            assert words in out


@pytest.mark.parametrize(("study", "text", "whole", "words"), [("budget", "budgets = [8192, 16384, 32768]\n", 7.5, "3 runs, each"), ("rules", "tasks = 40\n", 5.0, "1 run and 1 probe, each")])
def test_the_cap_of_a_study_is_the_sum_over_its_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str], study: Study, text: str, whole: float, words: str) -> None:
    """A cap holds for each run and each probe by itself; what all of them may cost is said before anything is spent."""
    plan = f'tier = "S"\nfamilies = ["T6"]\n{text}{MODEL}[run_limits]\ncost_usd = 2.5\n'
    made = drafted(study, load(write(tmp_path, plan), study), "study.toml")
    show_plan(made, {}, Console(width=400))
    assert f"money: at most {whole:g} USD in all: {words} within its own 2.5 USD (run_limits.cost_usd)" in capsys.readouterr().out
    assert made.purse.whole == whole


@pytest.mark.parametrize(
    ("study", "text", "sentence"),
    [
        ("budgets", GOOD, "NAME: found 'budgets', expected one of fading, budget, rules"),
        ("budget", "", "models: found none, expected at least one [[models]], such as use ="),
        ("budget", "[[models]]\nwindow = 9\n", "models[0].use: found none, expected KIND/NAME"),
        ("budget", 'tasks = "ten"\n' + MODEL, "study.toml: tasks: found 'ten', expected a whole number"),
        ("budget", "budgets = 8192\n" + MODEL, "budgets: found 8192, expected a list"),
        ("budget", "parallel = true\n" + MODEL, "parallel: found true, expected a whole number"),
        ("budget", "[dials]\nx = [1]\n" + MODEL, "dials: found a list, expected a whole number or a text"),
        ("budget", MODEL + "tempature = 1\n", "models[0]: found 'tempature', expected one of use, window"),
        ("budget", "models = []", "models: found none, expected at least one [[models]]"),
        ("budget", "= 3", "expected TOML in UTF-8"),
        ("budget", f"seed = {'9' * 5000}\n" + MODEL, "expected TOML in UTF-8"),
        ("budget", "atempts = 3\n" + MODEL, "budgets, limits, run_limits, allow, sandbox (did you mean 'attempts'?)"),
        ("budget", "counts = [1]\n" + MODEL, "counts: found a key of another study"),
        ("budget", "tasks = 0\n" + MODEL, "tasks: found 0, expected 1 to 100"),
        ("budget", 'agents = ["coder"]\nbudgets = [8192]\n' + MODEL, "expected two agents or two budgets to compare"),
        ("budget", "budgets = [3]\n" + MODEL, "expected 1024 tokens or more"),
        ("budget", "budgets = [8192, 8192]\n" + MODEL, "expected each once"),
        ("rules", "[dials]\nrules = 3\n" + MODEL, "expected no dial that the study turns itself"),
        ("rules", "as_users_run_it = true\n" + MODEL, "expected an ollama/ model"),
        ("rules", 'agents = ["coder", "masking"]\n' + MODEL, "expected one agent"),
        ("rules", 'families = ["T99"]\n' + MODEL, "family: found 'T99'"),
        ("rules", "counts = [99]\n" + MODEL, "rules"),
        ("fading", 'distances = ["nine"]\n' + MODEL, "distance"),
        ("fading", 'tier = "XS"\n' + MODEL, "tier: found 'XS'"),
        ("fading", 'tier = "S"\n' + MODEL.replace("24000", "nan"), "window"),
    ],
)  # fmt: skip
def test_a_bad_plan_is_one_sentence(inside: Inside, tmp_path: Path, study: str, text: str, sentence: str) -> None:
    """Exit 2, no traceback, no run."""
    write(tmp_path, text)
    code, _, err = inside("study", study, "study.toml", "--dry-run")
    assert (code, "Traceback" in err, len(err.strip().splitlines())) == (2, False, 1)
    assert sentence in err
    assert not (settings().home / "runs").exists()


def test_a_hopeless_study_is_refused(inside: Inside, tmp_path: Path) -> None:
    """What was planned and what it would take, in seeds of each family, for that is the key to change."""
    write(tmp_path, GOOD.replace("tasks = 10", "tasks = 2").replace('"T6"', '"T1", "T6"'))
    code, out, err = inside("study", "budget", "study.toml")
    assert code == 2
    assert "simulating the power of the plan" in out, "a wait is announced"
    assert "simulating" not in "".join(inside("study", "budget", "study.toml", "--quiet")[1:])
    assert "study.toml: tasks: found 2 seeds of each family (T1, T6), 4 tasks x 2 attempts" in err
    assert "is found in 0 % of such studies, expected a study that can show something: tasks = 5, 10 tasks, would find it in 80 %" in err


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ('[[models]]\nuse = "nobody/never"\n', "found 'nobody'"),
        ('agents = ["nope"]\n' + MODEL, "found 'nope'"),
        ('[[models]]\nuse = "ollama/none:1b"\n', "Ollama"),
        ("[dials]\nnone = 3\n" + MODEL, "none"),
        ('tier = "S"\n' + MODEL.replace("24000", "64000"), "of which no use would stand in the upper fifth"),
    ],
)  # fmt: skip
def test_what_is_cheap_to_find_is_found_first(tmp_path: Path, inside: Inside, wrong: str, sentence: str) -> None:
    """Names, servers and windows are complained of though the plan is hopeless, too: its power is simulated after them."""
    write(tmp_path, "tasks = 1\nattempts = 1\n" + wrong)
    code, out, err = inside("study", "fading", "study.toml", "--dry-run")
    assert (code, len(err.strip().splitlines())) == (2, 1)
    assert sentence in err
    assert "simulating" not in out


def test_a_window_that_is_never_full_shows_nothing_of_its_top(inside: Inside, tmp_path: Path) -> None:
    """Tasks of 20,000 tokens in a window of 64,000: one sentence with the window that would do."""
    write(tmp_path, 'tier = "S"\ntasks = 20\n' + MODEL.replace("24000", "64000"))
    code, _, err = inside("study", "fading", "study.toml", "--dry-run")
    assert code == 2
    assert "of which no use would stand in the upper fifth" in err


@pytest.mark.parametrize("words", [(), ("study.toml", "--result", "last"), ("--result", "nowhere"), ("nowhere.toml",), ("study.toml", "--resume", "x")])
def test_what_is_asked_must_be_one_thing(inside: Inside, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A plan, a run to go on with, or one to judge; each wrong one is a sentence."""
    write(tmp_path, GOOD)
    code, _, err = inside("study", "budget", *words)
    assert (code, "Traceback" in err) == (2, False)


def test_every_study_has_runs_of_its_own_plan(tmp_path: Path) -> None:
    """Each leg is a lawful plan of `longhaul run`: budgets become windows, defaults an arm of Ollama models alone, replays keep machines."""
    plan = StudyPlan((ModelEntry("ollama/a"), ModelEntry("openai/b")), tier="S")
    for study in STUDIES:
        path = write(tmp_path, "tier = 'S'\nmodels = [{ use = 'ollama/a' }, { use = 'openai/b' }]")
        assert load(path, study) == plan
        made = [of_leg(plan, study, leg, "n") for leg in drafted(study, plan, "").legs] if study != "rules" else []
        assert all(each.forkable == (study == "fading") for each in made)
        if study == "budget":
            assert [each.models[0].window for each in made] == [16384, 32768, 65536]
    assert sizes(plan, "rules").users
    assert not sizes(StudyPlan((ModelEntry("openai/b"),)), "rules").users


def test_claims_are_on_record_and_judged_by_them(inside: Inside, tmp_path: Path) -> None:
    """A run with the study's record is found by it; its verdict is by the rules written there, and a run without is refused."""
    home, path = settings().home, write(tmp_path, GOOD)
    record = recorded(drafted("budget", load(path, "budget"), "study.toml"))
    assert record.measure
    legs = [leg.name for leg in record.legs]
    for number, leg in enumerate(legs):
        word = msgspec.json.encode(msgspec.structs.replace(record, leg=leg)).decode()
        create(home / f"runs/20260101-00000{number}-aaaa", (), {"run": f"20260101-00000{number}-aaaa", "plan": '{"tasks":["staged:S"]}', STUDY: word, "tasks": ""}).close()
    assert list(runs(record, settings())) == legs
    create(home / "runs/20260102-000000-bbbb", (), {"run": "20260102-000000-bbbb", "plan": '{"tasks":["staged:S"]}'}).close()
    code, _, err = inside("study", "budget", "--result", "20260102")
    assert (code, "no part of a study" in err) == (2, True)
    code, _, err = inside("study", "rules", "--result", "20260101-000000")
    assert (code, "NAME: found 'rules', expected budget" in err) == (2, True)
    with pytest.raises(PlanError, match="readable plan"):
        load(tmp_path / "nowhere.toml", "budget")


def test_a_verdict_is_readable_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """With nothing to tell it still says when the claims were written down and what stays open."""
    record = Record("fading", "s1", "", "2026-01-01T00:00:00+0000", "m", StudyPlan((ModelEntry("openai/b"),)), (), (), ())
    show(record, (), (), (), Console())
    assert "written down 2026-01-01T00:00:00+0000 before its first trial" in capsys.readouterr().out
