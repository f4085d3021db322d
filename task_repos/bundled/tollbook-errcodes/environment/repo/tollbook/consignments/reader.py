"""Consignments from the files of forwarders: CSV with a row for each goods line, or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tollbook.consignments.model import Consignment
from tollbook.errors import ConsignmentFileError, MissingFile
from tollbook.goods.lines import GoodsLine, goods_line
from tollbook.money import parse

HEAD = ("number", "day", "sender", "receiver", "start", "goal", "invoice")
GOODS = ("goods", "quantity", "value", "net", "origin")


@dataclass
class _Draft:
    """A consignment whose goods lines are still coming."""

    head: Mapping[str, str]
    lines: list[GoodsLine]


def read(path: Path) -> list[Consignment]:
    """All consignments of a file."""
    if not path.is_file():
        raise MissingFile(f"file {path} not found")
    text = path.read_text(encoding="utf-8-sig")
    return from_json(text) if path.suffix == ".json" else from_csv(text)


def from_csv(text: str) -> list[Consignment]:
    """Consignments from rows that repeat the head of the consignment in front of every goods line."""
    reader = csv.DictReader(io.StringIO(text), delimiter=";")
    for column in (*HEAD, *GOODS):
        if column not in (reader.fieldnames or ()):
            raise ConsignmentFileError(f"consignment file has no column {column}", 311)
    drafts: dict[str, _Draft] = {}
    last = ""
    for line, row in enumerate(reader, start=2):
        cells = {key: value or "" for key, value in row.items() if key is not None}
        number = cells["number"].strip()
        if not number:
            raise ConsignmentFileError(f"consignment file line {line}: no number")
        if number in drafts and number != last:
            raise ConsignmentFileError("consignment %s is there twice" % number, 312)
        draft = drafts.setdefault(number, _Draft(cells, []))
        if any(cells[column] != draft.head[column] for column in HEAD):
            raise ConsignmentFileError("consignment file line %s: another head" % line)
        draft.lines.append(goods_line(len(draft.lines) + 1, cells))
        last = number
    return [_consignment(draft.head, draft.lines, place) for place, draft in enumerate(drafts.values(), start=2)]


def from_json(text: str) -> list[Consignment]:
    """Consignments from a JSON list of objects with a list `lines`."""
    try:
        body = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConsignmentFileError(f"consignment file line {error.lineno}: {error.msg}") from None
    found = [from_object(each, place) for place, each in enumerate(body, start=1)]
    _no_twins(found)
    return found


def from_object(body: dict[str, Any], place: int = 1) -> Consignment:
    """A consignment from a decoded JSON object."""
    for column in HEAD:
        if column not in body:
            raise ConsignmentFileError("consignment file has no column {}".format(column), 311)
    rows = enumerate(body.get("lines", ()), start=1)
    lines = [goods_line(number, {key: str(value) for key, value in row.items()}) for number, row in rows]
    return _consignment({key: str(value) for key, value in body.items() if key != "lines"}, lines, place)


def _no_twins(found: list[Consignment]) -> None:
    seen: set[str] = set()
    for each in found:
        if each.number in seen:
            raise ConsignmentFileError(f"consignment {each.number} is there twice", 312)
        seen.add(each.number)


def _consignment(head: Mapping[str, str], lines: list[GoodsLine], place: int) -> Consignment:
    try:
        day = date.fromisoformat(head["day"])
    except ValueError:
        raise ConsignmentFileError("consignment file line {}: no day".format(place)) from None
    return Consignment(
        number=head["number"].strip(),
        day=day,
        sender=head["sender"].strip(),
        receiver=head["receiver"].strip(),
        start=head["start"].strip().upper(),
        goal=head["goal"].strip().upper(),
        invoice=parse(head["invoice"]),
        lines=tuple(lines),
        relief=head.get("relief", "").strip(),
    )
