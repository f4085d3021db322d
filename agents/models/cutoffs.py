"""Up to when a model may have read, by the dated data file beside this module; pure but for reading it."""

from __future__ import annotations

import re
import tomllib
from importlib import resources


def cutoff(name: str) -> str:
    """"YYYY-MM" or a day for a model of this name (without its kind), "" where its makers' word is not on file."""
    data = tomllib.loads(resources.files("agents.models").joinpath("cutoffs.toml").read_text(encoding="utf-8"))
    found = (str(entry["cutoff"]) for entry in data["cutoff"] if re.search(entry["match"], name, re.IGNORECASE))
    return next(found, "")
