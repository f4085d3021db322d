"""The README's picture: the page of a real run, light and dark, as `docs/picture-light.png` and `docs/picture-dark.png`.

    LONGHAUL_HOME=/tmp/picture longhaul run -t bundled -a coder -a oracle -a idle -m scripted/demo -n 3 --run nightly
    LONGHAUL_HOME=/tmp/picture python -m benchmarks.page_picture nightly
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from harness.cli.page import write
from harness.cli.runs import held
from harness.settings import read

DOCS = Path(__file__).resolve().parents[1] / "docs"
WIDTH, HEIGHT = 1200, 900
LARGEST = 250_000
"""Bytes: a picture that everybody loads who looks at the project."""


def picture(browser: Browser, page: Path, scheme: str, to: Path) -> int:
    """One screenshot of the page's beginning; returns its bytes."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.wait_for_function("document.querySelectorAll('[data-chart] svg').length > 0")
    tab.screenshot(path=to)
    context.close()
    return to.stat().st_size


def main(run: str = "last") -> int:
    """1 where a picture is larger than it may be."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        page = Path(scratch) / "page.html"
        write(held(run, read()), page)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        sizes = {scheme: picture(browser, page, scheme, DOCS / f"picture-{scheme}.png") for scheme in ("light", "dark")}
        browser.close()
    for scheme, size in sizes.items():
        print(f"docs/picture-{scheme}.png: {size:,} bytes")
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
