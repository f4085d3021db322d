"""`run --estimate` and `--hours`: what is told before a night, what is measured and what never, and that mistakes are one sentence."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from benchmarks.synthetic import a_task
from harness.answer.outlook import forecast
from harness.answer.outlook.forecast import Estimate, span
from harness.answer.outlook.forecast_words import SHORT, full, short
from harness.cli.foresight.earlier import Earlier, earlier
from harness.cli.foresight.estimating import basis, chosen, estimated, narrowed
from harness.cli.foresight.measuring import Measuring, unmeasured
from harness.cli.preparing.prelude import Met
from harness.core.facts import ModelFacts, Price, Window
from harness.core.machine import Need, Needs
from harness.core.measured import Measured, Pairing
from harness.metrics.environment import Environment
from harness.metrics.row import Row, RowDigests, Seconds, Tokens
from harness.plan import AgentEntry, Combination, ModelEntry, Plan, RunLimits
from harness.settings import read
from harness.store.measures import Measures
from tests.cli.rows import a_row
from tests.engine.doubles import Time
from tests.engine.test_probing import Pupil

Inside = Callable[..., tuple[int, str, str]]
LOCAL, HOSTED = "ollama/q", "claude/c"
SERVER = "http://127.0.0.1:11434"
FACTS = {
    LOCAL: ModelFacts("ollama", "q", digest="sha256:q", server=SERVER, window=Window(8192, 8192, 32768), thinking="on"),
    HOSTED: ModelFacts("claude", "c", server="https://api.example.com", remote=True, price=Price("2026-01-01", 10.0, 50.0, 1.0, 12.5)),
}
MEASURED = {(LOCAL, "coder"): Measured(1000.0, 50.0, 2.0, True, 1.0, True, 7400, 41.0, (), "2026-01-02")}


def a_met(tasks: int, *, models: tuple[str, ...] = (LOCAL, HOSTED), **fields: object) -> Met:
    plan = Plan(("bundled",), models=tuple(map(ModelEntry, models)), agents=(AgentEntry("coder"),))
    pairs = tuple(Combination("coder", model) for model in models)
    return Met(msgspec.structs.replace(plan, **fields), tuple(map(a_task, range(tasks))), pairs, {name: FACTS[name] for name in models}, {})


def rows(met: Met, model: str, seconds: float, *, passes: int = 2) -> list[Row]:
    """Three attempts at each task, the first `passes` of them passed."""
    facts = met.facts[model]
    given = {"model": model, "thinking": facts.thinking, "environment": Environment("h", "{}", 7, facts), "tokens": Tokens(100_000, 90_000, 2000, None)}
    return [
        a_row(**given, task=task.id, attempt=number, digests=RowDigests(task.digest, "", "", "", facts.digest), seconds=Seconds(seconds, None, None, 5.0, 3.0, 50.0, 2.0),
              outcome="passed" if number <= passes else "failed", reason="solved" if number <= passes else "wrong")
        for task in met.tasks for number in (1, 2, 3)
    ]  # fmt: skip


def told(met: Met, past: list[Row], *, hours: float | None = None) -> Estimate:
    found = basis(met, MEASURED, Earlier(tuple(past), 1, 3e6, 1), read({"OLLAMA_HOST": SERVER}))
    picked = chosen(found, hours) if hours is not None else None
    held = narrowed(met, picked) if picked else met
    return estimated(found, tuple(task.id for task in held.tasks), held.plan.attempts, Needs((), 10**11), picked)


def test_a_night_of_known_trials() -> None:
    """20 tasks x 3 attempts of 50 s and 40 s: hours by the line-up, money by the price, and each line says that it rests on earlier trials."""
    met = a_met(20, parallel=2)
    found = told(met, rows(met, LOCAL, 40.0) + rows(met, HOSTED, 30.0))
    assert found.trials == 120
    assert 3600 * found.hours.likely == pytest.approx(60 * (50 + 40) / 2, rel=0.1)
    assert found.hours.low < found.hours.likely < found.hours.high
    assert found.money.usd is not None
    assert found.money.usd.likely == pytest.approx(60 * (10_000 * 12.5 + 90_000 * 1 + 2000 * 50) / 1e6)
    assert [[(rest.basis, rest.tasks, rest.past) for rest in cell.bases] for cell in found.cells] == [[("same", 20, 60)]] * 2
    assert found.money.cap_after is not None
    assert any(re.search(r"cap of 10 USD .* would end this night after about \d+ of 120 trials", line) for line in found.warnings)
    assert [power.seen for power in found.power] == [20, 20]
    words = "\n".join(full(found))
    for piece in ("as in 60 earlier trials of it on them", "prices of 2026-01-01", "comparing two models", "measured on 2026-01-02", "as in the last 1 run"):
        assert piece in words


def test_images_are_named() -> None:
    """What must be pulled or built, with its size where it is known; of many the first twenty."""
    found = told(a_met(4), [])
    items = (Need("swebench/one:latest", "pull", 1_200_000_000), Need("Dockerfile of two", "build"), *(Need(f"i{number}", "pull", 1) for number in range(30)))
    words = full(msgspec.structs.replace(found, disk=msgspec.structs.replace(found.disk, needs=Needs(items, 10**10))))
    assert "  to pull: swebench/one:latest, 1.2 GB" in words
    assert "  to build: Dockerfile of two, of unknown size" in words
    assert "  and 12 more (longhaul images list SOURCE)" in words


def test_without_earlier_trials_it_says_so() -> None:
    """Assumed sizes at measured speeds, a wide range, and no figure without its basis."""
    found = told(a_met(12), [])
    assert found.hours.high > 2 * found.hours.likely > 4 * found.hours.low
    assert all("assumed (30 turns" in line for line in full(found) if line.startswith("  "))
    other = told(a_met(12), rows(a_met(12), HOSTED, 30.0))
    assert "12 tasks with the turns and tokens of 36 trials elsewhere, at its speeds" in "\n".join(full(other))
    assert "2.0 GB" not in "\n".join(full(found))


def test_a_plan_that_can_not_answer_says_so_aloud() -> None:
    """With how many tasks would; below ten tasks in other words; a plan that can has no such note."""
    found = told(a_met(12), [])
    (note, *_) = [line for line in found.warnings if "can't answer" in line]
    assert re.search(r"comparing two of its models shows a difference of \d+ points or more with 80 % power, and 10 points matter \(margin\); about \d+ tasks with 3", note)
    assert f"note: {note}" in short(found)
    assert "says nothing of fewer than 10 tasks" in "\n".join(told(a_met(4), []).warnings)
    assert not [line for line in told(a_met(30, margin=0.6), []).warnings if "can't answer" in line]
    assert not told(a_met(4, models=()), []).power, "nobody is asked"


def test_what_equal_takes_is_said() -> None:
    """A plan of fewer tasks than identical ones would need can't show it, in full and in short; a larger one has a chance; one model has nothing to equal."""
    few = told(a_met(12), [])
    (line,) = [line for line in full(few) if line.startswith("equal within 10 points")]
    assert re.search(r"12 tasks can't show it, whatever comes out; about 1\d\d tasks would of two models of one rate \(80 % power\), 25 where not one task differs", line)
    assert line in short(few)
    assert few.equal is not None
    assert (few.equal.chance, few.equal.identical) == (0.0, 25)
    more = told(a_met(40, margin=0.2), [])
    assert more.equal is not None
    assert (more.equal.chance > 0.75, more.equal.identical) == (True, 11)
    assert not [line for line in full(told(a_met(12, models=(LOCAL,)), [])) if line.startswith("equal")]


def test_the_short_form_is_short() -> None:
    """Three to six lines, and the notes are among them."""
    for met in (a_met(12), a_met(12, models=(LOCAL,)), a_met(4)):
        found = told(met, [])
        assert 3 <= len(short(found)) <= SHORT
        assert {f"note: {each}" for each in found.warnings} <= set(short(found))


def test_hours_choose_what_fits_and_always_the_same() -> None:
    """Whole blocks in an order that the seed draws; a longer night holds the shorter one; one that fits no block is said to."""
    met = a_met(20, models=(LOCAL,), run_limits=RunLimits(hours=0.3), seed=5)
    past = rows(met, LOCAL, 40.0)
    nights = [told(met, past, hours=hours) for hours in (0.12, 0.2, 0.4, 5.0)]
    for night, hours in zip(nights, (0.12, 0.2, 0.4, 5.0), strict=True):
        assert night.chosen is not None
        assert night.hours.likely <= hours
        assert len(night.chosen.tasks) % 4 == 0
    taken = [night.chosen.tasks for night in nights if night.chosen]
    assert all(more[: len(less)] == less for less, more in itertools.pairwise(taken))
    assert nights[-1].trials == 60
    assert "--hours 5: the whole plan fits" in full(nights[-1])
    poor = told(met, past, hours=0.01)
    assert poor.chosen is not None
    assert (len(poor.chosen.tasks), poor.chosen.attempts, poor.chosen.fits) == (4, 1, False)
    assert "0.01 hours are too few for one block" in poor.warnings[0]


def test_a_range_holds_its_figure() -> None:
    """Also where every draw lies on one side of it, or there is none."""
    assert span(1.0, []) == forecast.Span(1.0, 1.0, 1.0)
    assert span(1.0, [2.0, 3.0]) == forecast.Span(1.0, 1.0, 3.0)
    assert span(5.0, [float(number) for number in range(11)]) == forecast.Span(1.0, 5.0, 9.0)


UNMEASURED = {
    "": (FACTS[LOCAL], ModelFacts("openai", "q", server="http://127.0.0.1:8080 (llama.cpp)"), ModelFacts("openai", "q", server="http://gpu:8000 (vllm)")),
    "elsewhere": (ModelFacts("ollama", "q:cloud", remote=True), ModelFacts("openai", "q", server="https://x.example (vllm)", remote=True)),
    "money": (ModelFacts("claude", "c", price=Price("2026-01-01", 1.0, 1.0, 1.0, 1.0)),),
    "not known": (ModelFacts("openai", "gpt", server="http://127.0.0.1:4000 (unknown)"), ModelFacts("claude", "c", server="http://127.0.0.1:4000")),
    "script": (ModelFacts("scripted", "demo"), ModelFacts("simulated", "never")),
}


@pytest.mark.parametrize(("word", "facts"), UNMEASURED.items())
def test_only_ones_own_models_are_measured(word: str, facts: tuple[ModelFacts, ...]) -> None:
    """Never one that costs money, is served elsewhere, or whose server may be a way to such a one."""
    for each in facts:
        assert (word in unmeasured(each)) if word else not unmeasured(each)


def looked(model: Pupil, cache: Path, *, agents: tuple[str, ...] = ("coder",), wanted: bool = True) -> tuple[Measuring, list[str]]:
    """A look at the model with a cache, and what was said meanwhile."""
    said: list[str] = []
    looks = Measuring(read({"XDG_CACHE_HOME": str(cache)}), said.append, wanted=wanted)
    plan = Plan(("bundled",), models=(ModelEntry(LOCAL),), agents=tuple(map(AgentEntry, agents)))
    looks.look(model, plan, plan.models[0], a_task(0))
    return looks, said


def test_a_model_is_measured_once(tmp_path: Path) -> None:
    """The second night asks nothing; another agent or window is measured; what could not be measured is tried again."""
    first, said = looked(Pupil(Time(), reads=1e6), tmp_path)
    assert said == ["measuring ollama/pupil: 2 minutes at most, once"]
    assert first.new == {(LOCAL, "coder")}
    again = Pupil(Time(), reads=1e6)
    second, said = looked(again, tmp_path)
    assert (again.asked, said, second.new, second.measured) == ([], [], set(), first.measured)
    assert looked(Pupil(Time(), reads=1e6), tmp_path, agents=("coder", "tool_loop"))[0].new == {(LOCAL, "tool_loop")}
    assert looked(Pupil(Time(), reads=1e6, window=4096), tmp_path)[0].new
    broken = Pupil(Time(), reads=1e6, window=2048, fault="a")
    for _ in range(2):
        assert looked(broken, tmp_path)[0].new, "nothing was found out, so nothing is kept"


def test_a_kept_reason_is_todays(tmp_path: Path) -> None:
    """Why a model is not measured is told in one way, whatever an earlier version kept of it."""
    script = Pupil(Time())
    script.facts = ModelFacts("simulated", "m", window=Window(8192, 8192, 8192))
    pairing = Pairing(LOCAL, "", "", "", 8192, "", "coder")
    Measures(tmp_path / "longhaul" / "measures").keep(pairing, Measured(missing=(("all", "its server is not known"),)))
    looks, _ = looked(script, tmp_path)
    assert not looks.new, "the kept one was found"
    assert looks.measured[LOCAL, "coder"].missing == (("all", unmeasured(script.facts)),)


def test_nobody_who_was_not_asked_is_measured(tmp_path: Path) -> None:
    """A hosted model gets no request at all and is told about once; a quiet run asks nobody; a full disk or a file in the way is a note."""
    hosted = Pupil(Time())
    hosted.facts = FACTS[HOSTED]
    looks, said = looked(hosted, tmp_path)
    assert (hosted.asked, said) == ([], [])
    assert looks.new
    assert "never measured" in str(looks.measured)
    assert not looked(hosted, tmp_path)[0].new
    quiet = Pupil(Time())
    assert looked(quiet, tmp_path, wanted=False)[0].measured == {}
    assert quiet.asked == []
    (tmp_path / "file").write_text("")
    assert "is measured anew next time" in looked(Pupil(Time(), reads=1e6), tmp_path / "file")[1][-1]


MISTAKES = {
    ("--hours", "0"): ("--hours", "found 0", "above 0"),
    ("--hours", "-2"): ("--hours", "found -2", "above 0"),
    ("--hours", "nan", "--estimate"): ("--hours", "found nan", "above 0"),
    ("--hours", "inf"): ("--hours", "found inf", "above 0"),
    ("--estimate", "-m", "ollama/x", "-t", "bundled"): ("no Ollama server answers",),
    ("--estimate", "-m", "scripted/demo", "-t", "nowhere"): ("nowhere",),
}


@pytest.mark.parametrize("words", MISTAKES, ids=" ".join)
def test_a_mistake_is_one_sentence(inside: Inside, words: tuple[str, ...], tmp_path: Path) -> None:
    """Exit 2, nothing on stdout, and no run."""
    code, out, err = inside("run", *words)
    assert code == 2
    assert not out
    assert len(err.strip().splitlines()) == 1
    assert all(piece in err for piece in MISTAKES[words])
    assert not (tmp_path / "home" / "runs").exists()


def test_json_of_a_run_is_a_mistake(inside: Inside) -> None:
    """`--json` is the estimate's; a run has `--json-lines`."""
    code, out, err = inside("run", "--json", "-m", "scripted/demo", "-t", "bundled")
    assert (code, json.loads(out + err)["field"]) == (2, "--json")


def test_an_estimate_of_a_script_starts_nothing(inside: Inside, base_image: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 0, one object on stdout with nothing beside it, every field in the documents, and no trial."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    code, out, _ = inside("run", "--estimate", "--json", "-m", "scripted/demo", "-t", "bundled", "-n", "2")
    found = json.loads(out)
    assert (code, found["schema"], found["trials"]) == (0, "longhaul.estimate/1", found["tasks"] * 2)
    assert "nothing to measure" in out
    assert not (tmp_path / "home" / "runs").exists()
    code, out, _ = inside("run", "--estimate", "-m", "scripted/demo", "-t", "bundled")
    assert code == 0
    assert "estimate:" in out


def test_damaged_neighbours_are_left_out(tmp_path: Path) -> None:
    """A run that can't be read tells nothing, and is no reason to say nothing."""
    settings = read({"LONGHAUL_HOME": str(tmp_path)})
    assert earlier(settings) == Earlier((), 0, 0.0, 0)
    for name, data in (("20260101-000000-aaaa", b"no database"), ("20260102-000000-bbbb", b"")):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.sqlite").write_bytes(data)
    assert earlier(settings).rows == ()


FIELDS = (Estimate, forecast.Span, forecast.CellForecast, forecast.Rest, forecast.ModelMeasure, forecast.Money, forecast.Disk, forecast.Power, forecast.Chosen, Measured)


@pytest.mark.parametrize("record", FIELDS, ids=lambda record: record.__name__)
def test_every_field_is_documented(record: type) -> None:
    """Under the name it has in JSON."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "estimate.md").read_text("utf-8")
    assert not [name for name in record.__struct_encode_fields__ if f"`{name}`" not in text]  # type: ignore[attr-defined]
