"""Debian's Chromium over pages on the disk; a dialog, an error or a request to any network makes the test fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request


class Visitor:
    """Opens pages and remembers whatever no page of ours may do."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.faults: list[str] = []
        self.files: list[str] = []
        self._contexts = []

    def visit(self, path: Path, where: str = "", *, width: int = 1280, scheme: str = "light", url: str = "") -> Page:
        """The page at a file URL, watched."""
        context = self._browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("dialog", self._dialog)
        page.on("console", self._console)
        page.on("pageerror", lambda fault: self.faults.append(f"error: {fault}"))
        page.on("request", self._request)
        page.goto((url or path.absolute().as_uri()) + (f"#{where}" if where else ""))
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert", "warning"):
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if request.url.startswith("file:"):
            self.files.append(request.url)
        else:
            self.faults.append(f"request: {request.url}")


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Visitor]:
    """Fails the test at its end for anything a page did that none may do."""
    found = Visitor(chromium)
    yield found
    found.close()
    assert not found.faults
