"""The registry of published figures: what is in it, what counting tells of a figure, and which files are refused."""

from __future__ import annotations

import json
import os
import re
from fractions import Fraction
from pathlib import Path

import pytest

from harness.answer.claim.claims import UNKNOWN, Claim
from harness.answer.claim.members import belongs, kind, rolls
from harness.answer.claim.published import attempts_that_give, counts, impossible, said, sample
from harness.answer.claim.registry import own, read
from harness.core.errors import PlanError

OWN = {claim.id: claim for claim in own().claims}
RETAIL = ("gemma-4-31b-tau2-retail", "gemma-4-26b-tau2-retail", "gemma-4-e4b-tau2-retail", "gemma-3-27b-tau2-retail")
ROOT = Path(__file__).resolve().parents[2]
FILE = """format = 1
date = "2026-11-21"
[[source]]
id = "page"
title = "A page"
url = "https://example.org/page"
date = "2026-10-01"
seen = { date = "2026-11-21", how = "read there" }
[[claim]]
id = "mine"
model = "Gemma 4 31B"
benchmark = "swe-bench-verified"
line = "unknown"
domain = "all"
metric = "pass@k"
k = 1
value = "52.0"
tasks = 500
trials = 1
source = "page"
protocol = "swe-unpublished"
"""
"""A user's file that leans on the package's own models, benchmarks and protocols."""


def test_the_registry_holds_the_field() -> None:
    """The package's own file is lawful; it has the benchmarks asked for, and says where each figure was seen and what nobody published."""
    held = own()
    assert (held.date, len(held.claims) >= 40) == ("2026-11-21", True)
    assert {claim.benchmark.id for claim in held.claims} == {
        "tau2-bench-retail", "tau2-bench-telecom", "tau2-bench-average", "swe-bench-verified", "swe-bench-lite", "swe-bench-pro", "terminal-bench-2.0", "terminal-bench-2.1",
    }  # fmt: skip
    assert [OWN[name].entry.value for name in RETAIL] == ["86.4", "85.5", "57.5", "6.6"]
    assert all(claim.source.url.startswith("https://") and claim.source.seen.date == "2026-11-21" for claim in held.claims)
    assert OWN[RETAIL[0]].entry.trials == OWN[RETAIL[0]].protocol.user == UNKNOWN


def test_a_figure_that_no_count_gives() -> None:
    """On 114 tasks none of the four retail figures can come of 1 or 3 attempts, each can of 2, 4 and 6, and 86.4 can't of 5."""
    for claim in (OWN[name] for name in RETAIL):
        able = attempts_that_give(claim)
        assert {2, 4, 6} <= set(able)
        assert not {1, 3} & set(able)
        assert [impossible(claim, attempts) for attempts in (1, 2, 3, 4)] == [True, False, True, False]
        assert not impossible(claim)
        assert "not of 1" in said(claim)
    assert impossible(OWN[RETAIL[0]], 5)
    assert said(OWN[RETAIL[0]], 5).endswith("rounds to 86.4 % (the number of attempts is assumed, nobody published it)")
    assert not impossible(OWN[RETAIL[2]], 5)


def test_a_published_number_of_attempts_is_believed_over_an_assumed_one() -> None:
    """What was published is counted with, whatever a user assumes; an average over domains is never counted."""
    qwen, average = OWN["qwen3.7-plus-swe-verified-qwen-code"], OWN["gemma-4-31b-tau2-average"]
    assert impossible(qwen)
    assert impossible(qwen, 25)
    assert (impossible(average, 1), attempts_that_give(average), said(average)) == (False, (), "")
    assert said(OWN["claude-opus-4.5-tau2-retail-sierra"]) == "363 of 456 trials give 79.61 %"


def test_the_sample_behind_a_figure() -> None:
    """It is what was published, else the smallest that could have given it, and says which."""
    board, gemma = sample(OWN["glm-5-tau2-retail-sierra"]), sample(OWN[RETAIL[0]])
    assert board is not None
    assert gemma is not None
    assert (board.passed, board.trials, board.assumed) == (336, 456, False)
    assert (gemma.passed, gemma.trials, gemma.assumed) == (197, 228, True)
    assert sample(OWN["gemma-4-31b-tau2-average"]) is None


@pytest.mark.parametrize("value", ["0", "6.6", "50.0", "66.67", "86.4", "100.0", "33.33333333333333333333"])
def test_the_counts_are_those_that_round_to_the_figure(value: str) -> None:
    """Each number of passed trials, tried one by one, for every small number of tasks and attempts; digits beyond a float's count too."""
    claim = _claim(FILE.replace('"52.0"', f'"{value}"'))
    half = Fraction(1, 2 * 10**claim.decimals)
    for trials in range(1, 60):
        listed = tuple(passed for passed in range(trials + 1) if abs(Fraction(100 * passed, trials) - Fraction(value)) <= half)
        assert counts(claim, trials, 1) == listed, trials


def test_tasks_are_known_by_source_and_id() -> None:
    """500, 300 and 89 ids, 93 of them in both SWE-bench lists; a row counts only where its source is of the benchmark's kind."""
    verified, lite, terminal = (rolls()[name] for name in ("swe-bench-verified", "swe-bench-lite", "terminal-bench-2"))
    assert (len(verified), len(lite), len(terminal), len(verified & lite)) == (500, 300, 89, 93)
    suite, pro = OWN["claude-opus-4.7-swe-verified"].benchmark, OWN["claude-opus-4.7-swe-pro"].benchmark
    assert belongs(suite, "django__django-11099", "swebench:verified.jsonl#django*")
    assert belongs(suite, "django__django-11099", "harbor:./swebench-verified")
    assert not belongs(suite, "django__django-11099", "mined:./django")
    assert not belongs(suite, "django__django-11001", "swebench:lite.jsonl")
    assert belongs(pro, "instance_ansible__ansible-0ea40e09d1b35bcb69ff4d9cecf3d0defa4b36e8-v30a923fb5c164d6cd18280c02422f75e611e8fb2", "swebench-pro:./pro")
    assert not belongs(pro, "django__django-11099", "swebench-pro:./pro")
    assert [kind(word) for word in ("task_repos.swebench_pro:x", "task_repos.folder:y", "bundled")] == ["swebench-pro", "harbor", "bundled"]


def test_lite_is_what_its_rows_are() -> None:
    """The list of Lite is that of the 300 real rows."""
    path = Path(os.environ.get("LONGHAUL_TEST_DATA") or ROOT.parent / "shared" / "data") / "swebench_lite" / "rows.jsonl"
    if not path.is_file():
        pytest.skip(f"no real rows: {path} is absent (LONGHAUL_TEST_DATA names another folder)")
    assert {json.loads(line)["instance_id"] for line in path.read_text("utf-8").splitlines()} == rolls()["swe-bench-lite"]


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("ollama/gemma4:31b", "Gemma 4 31B"), ("ollama/gemma4:31b-it-q4_K_M", "Gemma 4 31B"), ("openai/google/gemma-4-26b-a4b-it", "Gemma 4 26B A4B"),
        ("ollama/gemma4:e4b", "Gemma 4 E4B"), ("ollama/gemma3:27b", "Gemma 3 27B"), ("openai/Qwen/Qwen3.6-27B-FP8", "Qwen3.6 27B"), ("ollama/qwen3.6:35b-a3b", "Qwen3.6 35B A3B"),
        ("claude/claude-opus-4-7", "Claude Opus 4.7"), ("claude/claude-opus-5-20260801", "Claude Opus 5"), ("claude/claude-sonnet-4-5-20250929", "Claude Sonnet 4.5"), ("ollama/gpt-oss:120b", "gpt-oss 120B"),
        ("ollama/llama4:scout", "Llama 4 Scout"), ("openai/zai-org/GLM-5", "GLM-5"), ("openai/zai-org/GLM-5.1-FP8", "GLM-5.1"), ("openai/moonshotai/Kimi-K2.5", "Kimi K2.5"),
    ],
)  # fmt: skip
def test_a_model_is_known_by_the_names_it_is_run_under(word: str, name: str) -> None:
    """Each name of a server or a hub is that of one model, and of no other."""
    assert {claim.model.name for claim in OWN.values() if claim.model.runs_as(word)} == {name}


@pytest.mark.parametrize(
    "word",
    ["claude/claude-opus-5-1", "claude/claude-opus-5.1-20270101", "claude/claude-opus-4-50", "openai/deepseek-v3.2-exp", "openai/zai-org/GLM-5-Air", "openai/zai-org/GLM-5V", "ollama/qwen3:27b", "ollama/qwen3.6-coder:27b"],
)
def test_a_sister_of_a_model_is_not_it(word: str) -> None:
    """A later number, a smaller build or another line that begins alike is known by no claim."""
    assert not {claim.model.name for claim in OWN.values() if claim.model.runs_as(word)}


def test_a_users_file_leans_on_ours() -> None:
    """It may name our models, benchmarks and protocols, and brings its own claims alone."""
    claim = _claim(FILE)
    assert (claim.id, claim.model.name, claim.benchmark.tasks, claim.share, claim.source.title) == ("mine", "Gemma 4 31B", 500, 0.52, "A page")


@pytest.mark.parametrize(
    ("old", "new", "field", "expected"),
    [
        ("format = 1", "format = 2", "format", "1"),
        ('value = "52.0"', 'value = "nan"', "claim 'mine': value", "percentage"),
        ('value = "52.0"', 'value = "100.1"', "claim 'mine': value", "percentage"),
        ('value = "52.0"', 'value = "-3"', "claim 'mine': value", "percentage"),
        ('value = "52.0"', "value = 52.0", "claim[0].value", "str"),
        ('value = "52.0"', "value = nan", "claim[0].value", "str"),
        ("tasks = 500", "tasks = -1", "claim 'mine': tasks", "1 to"),
        ("tasks = 500", f"tasks = {'9' * 5000}", "", "TOML"),
        ("trials = 1", "trials = 1001", "claim 'mine': trials", "1 to 1,000"),
        ("tasks = 500", "tasks = 501", "claim 'mine': tasks", "at most the 500 tasks"),
        ("tasks = 500", 'tasks = "many"', "claim[0].tasks", ""),
        ("trials = 1", "trials = 0", "claim 'mine': trials", "1 to"),
        ("k = 1", "k = 3", "claim 'mine': k", "at most the trials"),
        ("trials = 1\n", "", "claim[0]", "keys"),
        ("k = 1", "k = 1\nagent = 'x'", "claim[0]", "keys"),
        ('metric = "pass@k"', 'metric = "best@k"', "claim[0].metric", ""),
        ('model = "Gemma 4 31B"', 'model = "Gemma 9"', "claim 'mine': model", "[[model]]"),
        ('source = "page"', 'source = "no"', "claim 'mine': source", "[[source]]"),
        ('id = "mine"', 'id = "Mine!"', "claim 'Mine!': id", "small letters"),
        ("https://example.org/page", "javascript:alert(1)", "source 'page': url", "http"),
        ('date = "2026-10-01"', 'date = "2026-13-01"', "source 'page': date", "a day"),
        ('how = "read there"', 'how = "guessed"', "source[0].seen.how", ""),
        ("[[claim]]", "[[claim]", "", "TOML"),
        ("[[claim]]", '[[model]]\nname = "x"\nmatch = "("\n[[claim]]', "model 'x': match", "regular expression"),
        ("[[claim]]", '[[benchmark]]\nid = "b"\nname = "b"\ntasks = 1\nsources = ["harbor"]\n[[claim]]', "benchmark 'b': members", "one of them"),
        ("[[claim]]", '[[benchmark]]\nid = "b"\nname = "b"\ntasks = 1\n[[claim]]', "benchmark 'b': lacking", "words"),
        ("[[claim]]", '[[benchmark]]\nid = "b"\nname = "b"\ntasks = 1\nsources = ["harbor"]\nmembers = "no"\n[[claim]]', "benchmark 'b': members", "terminal-bench-2"),
        ("[[claim]]", '[[protocol]]\nid = "p"\nagent = "a"\ngrader = "a"\nuser = "a"\nwindow = 0\nsampling = "a"\nthinking = "a"\nquantisation = "a"\n[[claim]]', "protocol 'p': window", "above 0"),
        ("[[claim]]", '[[protocol]]\nid = "p"\nagent = "a"\ngrader = "a"\nuser = "a"\nwindow = 1\nsampling = { top_p = inf }\nthinking = "a"\nquantisation = "a"\n[[claim]]', "protocol 'p': sampling", "finite"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_one_sentence(old: str, new: str, field: str, expected: str) -> None:
    """Every kind of nonsense names the file, the field, what was found and what was expected."""
    assert old in FILE
    with pytest.raises(PlanError) as fault:
        read(FILE.replace(old, new, 1).encode(), "mine.toml")
    told = fault.value.complaint
    assert (told.file, told.field) == ("mine.toml", field)
    assert expected in told.expected


def test_bytes_that_are_no_text_are_one_sentence() -> None:
    """So are tables nested deeper than any claim."""
    for data in (b"\xff\xfe\x00", b"a = " + b"[" * 5000 + b"]" * 5000):
        with pytest.raises(PlanError) as fault:
            read(data, "mine.toml")
        assert fault.value.complaint.file == "mine.toml"


def test_a_claim_twice_is_refused() -> None:
    """Two claims of one id are a mistake, named."""
    with pytest.raises(PlanError, match="'mine' 2 times"):
        read((FILE + FILE[FILE.index("[[claim]]") :]).encode(), "mine.toml")


def test_the_file_in_the_document_is_one() -> None:
    """The example of docs/claims.md is read, and says what the prose says."""
    (text,) = re.findall(r"^```toml\n(.*?)^```", (ROOT / "docs" / "claims.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    claim = _claim(text)
    assert (claim.id, claim.share, claim.protocol.window, claim.model.runs_as("ollama/our-tune:latest")) == ("our-tune-october", 0.625, 65536, True)
    assert belongs(claim.benchmark, "pay-7", "mined:./payments")


def _claim(text: str) -> Claim:
    (claim,) = read(text.encode(), "mine.toml").claims
    return claim
