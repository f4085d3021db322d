"""The pure readings: cuts, drift, leaks, prices, advice, arguments, addresses, the window rule."""

from __future__ import annotations

import pytest

from agents.models import advice, arguments, cuts, drift, leaks, prices
from agents.models.claude_profile import Profile, from_name, mode, switches
from agents.models.ollama_address import full_name, is_cloud, is_here, normal
from agents.models.ollama_facts import Loaded
from agents.models.ollama_window import grant
from harness.core.chat import Origin, ReplyStop, Role, Sampling, Text, Timing, ToolCall, Usage, message
from harness.core.errors import Fault, ModelError, PlanError
from harness.core.facts import ModelSettings, Price
from tests.agents.models.words import START

LONGER = (*START, message("m3", Role.USER, Origin.USER, Text("More.")))


def test_length_is_told_apart_by_the_counts() -> None:
    """All output used: the limit; prompt and output fill the window: the window; nothing told: the limit."""
    assert cuts.cut_by(Usage(input_total=100, output_total=50), 50, 4096) is ReplyStop.MAX_OUTPUT
    assert cuts.cut_by(Usage(input_total=4000, output_total=95), 500, 4096) is ReplyStop.WINDOW_FULL
    assert cuts.cut_by(Usage(input_total=4000, output_total=94), 500, 4096) is ReplyStop.MAX_OUTPUT
    assert cuts.cut_by(Usage(), 500, 4096) is ReplyStop.MAX_OUTPUT


def turn(view: tuple = START, tokens: int | None = 1000, prefill: float | None = 2.0, **named: object) -> drift.Turn:
    return drift.Turn(view, Usage(input_total=tokens, cache_read=named.get("cached")), Timing(3.0, load=named.get("load"), prefill=prefill))


def test_a_reload_between_turns_is_a_warning_and_the_first_load_is_not() -> None:
    """A load time above a second after the first call."""
    assert drift.find(None, turn(load=9.0)) == ()
    assert "loading the model" in drift.find(turn(), turn(LONGER, 1010, 0.1, load=9.0))[0]
    assert drift.find(turn(), turn(LONGER, 1010, 0.1, load=0.01)) == ()


def test_falling_prompt_tokens_of_a_growing_history_are_a_warning() -> None:
    """Only when messages were merely appended; a compacted history may shrink."""
    assert "fell from 1000 to 700" in drift.find(turn(), turn(LONGER, 700, 0.1))[0]
    assert drift.find(turn(), turn(LONGER[1:], 700, 0.1)) == ()


def test_a_prefill_collapse_is_told_by_time_or_by_the_cached_count() -> None:
    """The whole prefix computed again for ten new tokens."""
    second = drift.paced(turn(), turn(LONGER, 1100, 0.2))
    assert second.pace == pytest.approx(0.002)
    third = (*LONGER, message("m4", Role.USER, Origin.USER, Text("And more.")))
    assert "computed again" in drift.find(second, turn(third, 1200, 2.1))[0]
    assert drift.paced(second, turn(third, 1200, 2.1)).pace == second.pace
    assert drift.find(second, turn(third, 1200, 0.9)) == ()
    assert drift.find(second, turn(third, 2200, 2.3)) == ()
    assert drift.find(turn(), turn(LONGER, 1010, 1.9)) == ()
    assert "were cached" in drift.find(turn(cached=0), turn(LONGER, 1010, 1.9, cached=10))[0]
    assert drift.find(turn(cached=0), turn(LONGER, 1010, 1.9, cached=990)) == ()


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "shell", "arguments": {"command": "ls"}}',
        'I will look.\n<tool_call>\n{"name": "shell", "arguments": {"command": "ls"}}\n</tool_call>',
        '```json\n{"name": "shell", "parameters": {"command": "ls"}}\n```',
        '[TOOL_CALLS] [{"name": "shell", "arguments": {"command": "ls"}}]',
        "<function=shell>\n<parameter=command>\nls\n</parameter>\n</function>",
        '<invoke name="shell"><parameter name="command">ls</parameter></invoke>',
    ],
)
def test_calls_leaked_as_text_are_found_counted_and_repairable(text: str) -> None:
    """The dialects in which calls leak; each is one call of a known tool with the right argument."""
    contents = (Text(text),)
    assert leaks.count(contents, ["shell"]) == 1
    assert leaks.count(contents, ["other"]) == 0
    repaired, number = leaks.repair(contents, ["shell"], "call_1")
    assert number == 1
    (call,) = [content for content in repaired if isinstance(content, ToolCall)]
    assert arguments.as_object(call.raw_arguments) == {"command": "ls"}


@pytest.mark.parametrize("text", ['Use {"name": "x"} as JSON.', "The shell has arguments.", "", '{"name": "shell"}'])
def test_prose_is_no_leaked_call(text: str) -> None:
    """What only looks like a call stays prose, and repairing changes nothing."""
    contents = (Text(text),)
    assert leaks.count(contents, ["shell"]) == 0
    assert leaks.repair(contents, ["shell"], "c") == (contents, 0)


def test_a_call_begun_and_not_readable_is_told_with_its_blame() -> None:
    """An opening tag without a readable call, in a reply without any call."""
    assert len(leaks.broken((Text('<tool_call>{"name": "shell", '),), ["shell"])) == 1
    assert leaks.broken((Text("<tool_call>{"), ToolCall("1", "shell", "{}")), ["shell"]) == ()
    assert leaks.broken((Text("plain"),), ["shell"]) == ()


def test_a_price_is_dated_and_never_guessed() -> None:
    """Cached reads and writes have their own price; an unknown model has none."""
    price = prices.find("claude", "claude-opus-4-7")
    assert price == Price(date="2026-10-31", input=5.0, output=25.0, cache_read=0.5, cache_write=6.25)
    assert prices.find("ollama", "qwen3") is None
    assert prices.find("claude", "claude-opus-5-9") is None


@pytest.mark.parametrize("name", ["claude-haiku-4-5", "claude-haiku-4-5-20251001", "eu.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5@20251001"])
def test_a_clouds_dressing_of_a_name_is_the_same_price(name: str) -> None:
    """Region, date and revision are no part of the model."""
    assert prices.find("claude", name).input == 1.0


def test_sampling_is_the_models_own_then_the_vendors_then_the_servers() -> None:
    """Modelfile parameters win, gaps are filled by the next source, and the origin says so."""
    own = advice.choose("qwen3:8b", 'temperature    0.3\nstop    "<|im_end|>"\ntop_k   5', "on")
    assert (own.temperature, own.top_k, own.top_p) == (0.3, 5, 0.95)
    assert own.origin.startswith("modelfile, then vendor's advice")
    assert advice.choose("qwen3:8b", "", "off").temperature == 0.7
    assert advice.choose("nobody", "", "").temperature == 0.8
    assert advice.vendors("qwen3-coder:30b", "on") is None
    mixed = advice.over(Sampling(temperature=0.1, origin="plan"), own)
    assert (mixed.temperature, mixed.top_k, mixed.origin.split(",")[0]) == (0.1, 5, "plan")


@pytest.mark.parametrize("raw", ['{"a": ', "[1]", '"x"', "[" * 5000])
def test_unreadable_arguments_go_back_whole(raw: str) -> None:
    """A server that wants an object gets one that holds the text as it was."""
    assert arguments.as_object(raw) == {arguments.UNREAD: raw}


def test_lone_surrogates_become_sendable() -> None:
    """Each becomes the replacement character; other text is untouched."""
    assert arguments.scalar("a\ud800b") == "a\ufffdb"
    assert arguments.scalar("é\x00") == "é\x00"


@pytest.mark.parametrize(
    ("given", "url", "here"),
    [
        ("", "http://127.0.0.1:11434", True),
        ("0.0.0.0", "http://127.0.0.1:11434", True),
        ("127.0.0.1:1234", "http://127.0.0.1:1234", True),
        ("http://[::1]:99/", "http://[::1]:99", True),
        ("localhost", "http://localhost:11434", True),
        ("gpu.example.org", "http://gpu.example.org:11434", False),
        ("https://gpu.example.org", "https://gpu.example.org:443", False),
    ],
)
def test_an_address_as_people_write_it(given: str, url: str, *, here: bool) -> None:
    """Defaults are filled in, and loopback is told from elsewhere."""
    assert (normal(given), is_here(normal(given))) == (url, here)


def test_names_of_models() -> None:
    """The missing tag is latest; the cloud's models are known by name."""
    assert (full_name("qwen3"), full_name("a/b:8b")) == ("qwen3:latest", "a/b:8b")
    assert is_cloud("kimi-k2:1t-cloud")
    assert is_cloud("glm:cloud")
    assert not is_cloud("cloudy:7b")


class Gpu:
    """A server's loader with room for so many tokens on the GPU; remembers what was loaded."""

    def __init__(self, room: int | None) -> None:
        self.room, self.loads = room, []

    def __call__(self, window: int) -> Loaded:
        self.loads.append(window)
        if self.room is None:
            return Loaded(window, 0.0)
        return Loaded(window, min(1.0, self.room / window))


@pytest.mark.parametrize(
    ("room", "trained", "granted"),
    [(None, 131072, 32768), (None, 8192, 8192), (300_000, 262144, 262144), (100_000, 262144, 65536), (300_000, 40960, 32768)],
)
def test_the_window_is_the_largest_step_that_is_wholly_resident(room: int | None, trained: int, granted: int) -> None:
    """16 to 256k on a GPU; without one 32k or what was trained; the last load is the one granted."""
    gpu = Gpu(room)
    assert grant(ModelSettings("m"), trained, gpu)[0] == granted
    assert gpu.loads[-1] == granted


def test_offloading_happens_only_when_allowed() -> None:
    """A window that does not fit is a plan error naming the two ways out."""
    with pytest.raises(PlanError, match=r"--window.*--allow-offload"):
        grant(ModelSettings("m"), 131072, Gpu(20000))
    assert grant(ModelSettings("m", allow_offload=True), 131072, Gpu(20000))[0] == 32768
    assert grant(ModelSettings("m", window=16384), 131072, Gpu(20000))[0] == 16384


def test_a_step_that_fails_to_load_is_not_taken() -> None:
    """Out of memory on the way up ends the climb at the last step that held."""
    gpu = Gpu(300_000)

    def load(window: int) -> Loaded:
        if window > 65536:
            raise ModelError(Fault.CRASH, "out of memory")
        return gpu(window)

    assert grant(ModelSettings("m"), 262144, load)[0] == 65536


def test_thinking_is_asked_of_each_generation_in_its_own_way() -> None:
    """Adaptive from 4.6 on, a budget before; what a model does not offer is a plan error."""
    new, old = from_name("claude-opus-4-7"), from_name("claude-haiku-4-5-20251001")
    assert switches("on", "", new, 32000)["thinking"]["type"] == "adaptive"
    assert switches("high", "", new, 32000)["output_config"] == {"effort": "high"}
    assert switches("on", "", old, 32000)["thinking"] == {"type": "enabled", "budget_tokens": 16000}
    assert "thinking" not in switches("on", "", old, 900)
    assert switches("off", "", new, 32000) == {"thinking": {"type": "disabled"}}
    assert mode("m", "", new) == "on"
    with pytest.raises(PlanError, match="always thinks"):
        mode("m", "off", Profile(frozenset({"adaptive"}), frozenset()))
    with pytest.raises(PlanError, match="found high"):
        mode("m", "high", old)
