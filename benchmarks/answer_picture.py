"""The pictures of an answer: the first screen of a comparison and of nights in a row, light and dark, from rows made by hand.

    python -m benchmarks.answer_picture

writes `docs/compare-light.png`, `docs/compare-dark.png`, `docs/trend-light.png` and `docs/trend-dark.png`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.answers import HOSTED, LOCAL, RUN, answer, nights
from harness.answer.pages.page import page
from harness.answer.pages.trend_page import page as trend_page

DOCS = Path(__file__).resolve().parents[1] / "docs"
SIZE = {"width": 1280, "height": 800}
LARGEST = 150_000
"""Bytes: a picture that everybody loads who looks at the project."""


def picture(browser: Browser, path: Path, scheme: str) -> bytes:
    """What a stranger sees first."""
    context = browser.new_context(viewport=SIZE, color_scheme=scheme)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.goto(path.as_uri())
    seen = tab.screenshot()
    context.close()
    return seen


def main() -> int:
    """1 where a picture is larger than it may be."""
    pages = {"compare": page(answer((LOCAL, HOSTED), tasks=60), {RUN: "run.html"}), "trend": trend_page(nights(), {})}
    sizes = {}
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, text in pages.items():
            path = Path(scratch) / f"{name}.html"
            path.write_bytes(text)
            for scheme in ("light", "dark"):
                sizes[f"{name}-{scheme}"] = (DOCS / f"{name}-{scheme}.png").write_bytes(picture(browser, path, scheme))
        browser.close()
    for name, size in sizes.items():
        print(f"docs/{name}.png: {size:,} bytes")
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
