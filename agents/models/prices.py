"""What hosted tokens cost: a dated data file; a model not in it has no price."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

from harness.core.facts import Price

DRESSING = re.compile(r"([-@]\d{8})?(-v\d+(:\d+)?)?$")


def find(kind: str, name: str) -> Price | None:
    """The price of a model; None when there is none. Cloud dressing of a name (region, date, revision) is taken off first.

    Never by prefix: `claude-opus-5-9` is not `claude-opus-5`, and a wrong price is worse than none.
    """
    return _entries().get(kind, {}).get(DRESSING.sub("", name.rpartition("anthropic.")[2]))


def _entries() -> dict[str, dict[str, Price]]:
    """{kind: {model: Price}} of the data file."""
    data = tomllib.loads(resources.files("agents.models").joinpath("prices.toml").read_text(encoding="utf-8"))
    kinds = {kind: table for kind, table in data.items() if isinstance(table, dict)}
    return {kind: {name: _price(data["date"], entry) for name, entry in table.items()} for kind, table in kinds.items()}


def _price(date: str, entry: dict[str, float]) -> Price:
    paid = entry["input"]
    read, write = entry.get("cache_read_factor", 0.1), entry.get("cache_write_factor", 1.25)
    return Price(date=date, input=paid, output=entry["output"], cache_read=paid * read, cache_write=paid * write)
