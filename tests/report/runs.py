"""A run for tests of what people read: two models and an oracle on three tasks, with every outcome and something of everything."""

from __future__ import annotations

from harness.core.facts import ModelFacts, Sampling, Window
from harness.core.trial import Parent
from harness.metrics.environment import Environment, Machine
from harness.metrics.money import Money
from harness.metrics.row import Calls, Row, RowDigests, Seconds, Tokens
from harness.report.overview import About, Overview, overview
from tests.cli.rows import a_row

LOCAL, HOSTED = "ollama/qwen3.6:27b", "claude/claude-opus-4-7"
FACTS = {
    LOCAL: ModelFacts("ollama", "qwen3.6:27b", digest="sha256:q", server="http://127.0.0.1:11434", server_version="0.9", on_gpu=0.75, sampling=Sampling(origin="model")),
    HOSTED: ModelFacts("claude", "claude-opus-4-7", digest="sha256:c", remote=True),
}  # fmt: skip
ABOUT = About("20260101-200000-abcd", "nightly", "2026-01-01T20:00:00+0000", "", "0.1.0 sha256:h", "a-host", '{"seed":7}')
ENDS = {
    LOCAL: ("solved", "wrong", "limit", "solved", "sandbox", "none"),
    HOSTED: ("solved", "solved", "gave_up", "solved", "solved", "leak"),
    "none": ("solved",) * 6,
}
OUTCOME = {"solved": "passed", "sandbox": "broken", "none": "pending", "leak": "invalid"}


def a_trial(number: int, model: str, place: int) -> Row:
    """Trial `place` (0..5) of a model: task by task, then the second attempt."""
    reason = ENDS[model][place]
    turns = 10 * (place + 1)
    given = {"trial": f"t{number:04d}", "task": f"task-{place % 3}", "agent": "coder" if model in FACTS else "oracle", "model": model, "attempt": place // 3 + 1}
    if reason == "none":
        return a_row(**given, outcome="pending", reason="none", stop="", tries=0, turns=0, tokens=Tokens(0, 0, 0, None))
    local = model == LOCAL
    return a_row(
        **given, outcome=OUTCOME.get(reason, "failed"), reason=reason, stop={"limit": "turns", "gave_up": "gave_up"}.get(reason, "answered"), turns=turns,
        evidence=() if reason == "solved" else (f"tests/test_{place}.py::test_it: failed",), tries=1 + (reason == "limit"),
        flags=("code left the machine",) if model == HOSTED else (), calls=Calls(ok=turns, failed=2, malformed_model=1, leaked=1),
        tokens=Tokens(turns * 1000, turns * 500, turns * 100, None), peak_prompt=turns * 100,
        seconds=Seconds(turns * 4.0, turns * 1.0 if local else None, turns * 2.0 if local else None, turns * 0.5, 1.0, 2.0, 3.0),
        window=Window(65536, 32768 if local else 65536, 262144), cost_usd=turns / 100 if model == HOSTED else None,
        money=Money(turns / 200, 0.0, 0.0, turns / 200, 0.25) if model == HOSTED else None,
        environment=Environment("0.1.0 sha256:h", '{"turns":150}', 7, FACTS.get(model), Machine("29", "img", "/bin/bash", "full", 2.0, 4 << 30, 512)),
        digests=RowDigests("sha256:t", "sha256:i", "sha256:p", "sha256:u", f"sha256:{model}"), host="a-host",
    )  # fmt: skip


def some_rows() -> tuple[Row, ...]:
    """18 trials, attempt by attempt, as a plan orders them."""
    return tuple(a_trial(3 * place + index, model, place) for place in range(6) for index, model in enumerate(ENDS, 1))


def a_run(*, rows: tuple[Row, ...] | None = None) -> Overview:
    """The overview of those, or of other rows."""
    return overview(ABOUT, some_rows() if rows is None else rows)


FORK = Parent("20251231-200000-aaaa", "t0007", 1, 31, "short")
HOSTILE = "</script><img src=x onerror=alert(1)>|`a`|@everyone #1 **b** [l](http://x.example)\x1b[31m\x00\u202e\ud800\ufffe]]>&amp;\nnext"
"""A name that tries everything."""
