"""Where the Docker Engine is: found once, by asking its API, and handed to every plugin that needs it."""

from __future__ import annotations

import importlib
from pathlib import Path

from harness.core.errors import MissingError
from harness.settings import Settings


def engine(settings: Settings) -> dict[str, str]:
    """The words that plugins take: `engine` and `base_url` (the same URL), `certificates`. Raises MissingError."""
    finder = importlib.import_module("sandboxes.docker_engine")
    answer = finder.find_engine(settings.environment, Path(settings.environment.get("HOME", "/")))
    if answer is None:
        raise MissingError("no Docker Engine answers", "run `longhaul setup`, or `longhaul doctor` to see what was asked")
    url = str(answer.place.url)
    return {"engine": url, "base_url": url, "certificates": answer.place.certificates or ""}
