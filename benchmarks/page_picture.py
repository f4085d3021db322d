"""The README's picture: the page of a real run and the longest trial that failed in it, light and dark, as `docs/picture-light.png` and `docs/picture-dark.png`.

    LONGHAUL_HOME=/tmp/picture longhaul run -t bundled -a coder -a oracle -a idle -m scripted/demo -n 3 --run nightly
    LONGHAUL_HOME=/tmp/picture python -m benchmarks.page_picture nightly
"""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from harness.cli.record.page import write
from harness.cli.record.runs import held
from harness.report.readout import rows
from harness.settings import read

DOCS = Path(__file__).resolve().parents[1] / "docs"
WIDTH = 1200
MARGIN = 10
LARGEST = 250_000
"""Bytes: a picture that everybody loads who looks at the project."""


def picture(browser: Browser, page: Path, trial: str, scheme: str) -> bytes:
    """Both beginnings, one above the other."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.locator("#list .row").nth(1).wait_for()
    parts = [_down_to(tab, "#grid", 0)]
    tab.goto(f"{page.as_uri()}#{trial}")
    tab.locator("svg.timeline").nth(1).wait_for()
    parts.append(_down_to(tab, "section[aria-label=Timeline]", 45))
    sheet = context.new_page()
    sheet.set_content("<style>body { margin: 0 } img { display: block; border-bottom: 1px solid #8886 }</style>" + "".join(map(_image, parts)))
    joined = sheet.screenshot(full_page=True)
    context.close()
    return joined


def _down_to(tab: Page, last: str, top: float) -> bytes:
    """The page from `top` to the end of an element."""
    box = tab.locator(last).bounding_box()
    assert box is not None
    return tab.screenshot(full_page=True, clip={"x": 0, "y": top, "width": WIDTH, "height": box["y"] + box["height"] + MARGIN - top})


def _image(data: bytes) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(data).decode()}">'


def main(run: str = "last") -> int:
    """1 where a picture is larger than it may be."""
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        page, found = Path(scratch) / "page.html", held(run, read())
        write(found, page)
        failed = [row for row in rows(found.store, found.tasks) if row.outcome == "failed"]
        trial = max(failed, key=lambda row: row.turns).trial
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        sizes = {scheme: (DOCS / f"picture-{scheme}.png").write_bytes(picture(browser, page, trial, scheme)) for scheme in ("light", "dark")}
        browser.close()
    for scheme, size in sizes.items():
        print(f"docs/picture-{scheme}.png: {size:,} bytes")
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
