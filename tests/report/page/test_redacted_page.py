"""--redact: numbers, agents and models; no word of a task, a machine or a trace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from playwright.sync_api import expect

from harness.cli.record.page import write
from harness.core.blob import Blob
from harness.report.page_blocks import opened
from tests.report.page.conftest import Visitor
from tests.report.page.stories import CHECK, a_run, record, tale

OURS = frozenset(
    ["agent", "answered", "apply", "assistant", "call", "coder", "exited", "fresh", "full", "grading", "harness", "kind", "m", "model", "none", "on", "output", "passed", "prepare", "read", "role", "server", "solved", "system", "tape", "tape/m", "task", "test", "text", "tool", "user", "failed", "wrong", "start"]
)  # fmt: skip
"""Words of the closed lists, which the page's own sentences use, and the names of agent and model, which stay."""


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from strings(each)


def every_word(path: Path) -> str:
    """All of a page, blocks opened, but for the program that draws charts."""
    text = path.read_text("utf-8")
    blocks = re.findall(r'<script type="application/x-longhaul" id="b-([^"]+)">([^<]*)</script>', text)
    inside = "\n".join(msgspec.json.encode(opened(data)).decode() for name, data in blocks if name != "vega")
    return re.sub(r">[A-Za-z0-9+/=]{200,}<", "><", text) + inside


def test_no_string_of_the_trace_is_on_a_redacted_page(tmp_path: Path, visitor: Visitor) -> None:
    """Searched for every string of events and blobs; the figures are the same as without."""
    held = a_run(tmp_path, ("secret-task-name",), name="secret-run-name")
    told = tale(held)
    told.begin(request="A secret instruction with detail.")
    told.turn("Secret words of the model.", '{"command": "cat secret-path.txt"}', "secret output", files={"secret-path.txt": b"secret content\n"})
    told.end(new="failed", log="secret log")
    record(held, told)
    write(held, tmp_path / "page.html", redact=True)
    write(held, tmp_path / "plain.html")
    words = {word for entry in told.trace for word in strings(msgspec.to_builtins(entry.event))}
    blobs = [Blob(each["sha256"], each["size"]) for each in blob_rows(msgspec.to_builtins(told.trace))]
    words |= {held.store.blobs.get(blob).decode() for blob in blobs}
    words |= {"secret", "host-of-mine", "host.example", held.store.meta("run"), *CHECK.fail_to_pass, *CHECK.pass_to_pass}
    text = every_word(tmp_path / "page.html")
    found = [word for word in words if re.search(r"\w\w", word) and word not in OURS and not event_name(word) and word in text]
    assert not found
    assert "secret" in every_word(tmp_path / "plain.html")
    page = visitor.visit(tmp_path / "page.html")
    expect(page.locator("#redacted")).to_contain_text("Numbers only")
    expect(page.locator("#grid")).to_contain_text("task-1")
    expect(page.locator(".headline .meta")).to_have_text("begun 2026-01-02 03:04 UTC")
    expect(page.locator("#f-text")).to_have_attribute("placeholder", "task, reason …  /")
    assert " ".join(page.locator("#counts").inner_text().split()) == "1 planned = 0 passed + 1 failed + 0 broken + 0 invalid + 0 pending"


def event_name(word: str) -> bool:
    return word[:1].isupper() and word.isalpha()


def blob_rows(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        if value.keys() == {"sha256", "size"}:
            yield value
        for each in value.values():
            yield from blob_rows(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from blob_rows(each)


def test_a_redacted_trial_keeps_its_figures(tmp_path: Path, visitor: Visitor) -> None:
    """Turns, tokens, seconds and the fill of the window are there; words, differences and bodies are not."""
    held = a_run(tmp_path, ("alpha",))
    told = tale(held)
    told.begin()
    told.turn("Words.", '{"command": "ls"}', "out", files={"a.txt": b"other\n"})
    told.end()
    record(held, told)
    write(held, tmp_path / "page.html", redact=True)
    page = visitor.visit(tmp_path / "page.html", "t0001/turn-1")
    turn = page.locator("#turn-1")
    expect(turn).to_contain_text("100 in, 20 out")
    expect(turn.locator(".item, .change, .wire")).to_have_count(0)
    expect(page.locator("#trial h1")).to_contain_text("task-1")
    expect(page.locator("svg.timeline")).to_have_count(2)
    expect(page.locator("#fold")).to_have_count(0)
    page.keyboard.press("o")
