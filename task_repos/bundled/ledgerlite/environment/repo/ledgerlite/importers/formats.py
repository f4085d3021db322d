"""Readers for CSV exports, MT940, OFX and QIF, and the choice between them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from ledgerlite.errors import ImportFailed, InvalidAmount
from ledgerlite.importers.statement import StatementLine, check_balances, number_twins
from ledgerlite.money import parse_amount

Reader = Callable[[str], list[StatementLine]]


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """Where a bank's CSV export keeps what; columns are named as in its header."""

    day: str
    amount: str
    text: str
    partner: str = ""
    bank_id: str = ""
    delimiter: str = ";"
    decimal_mark: str = ","
    day_format: str = "%d.%m.%Y"
    skip: int = 0

    def read(self, content: str) -> list[StatementLine]:
        rows = content.splitlines()[self.skip :]
        reader = csv.DictReader(io.StringIO("\n".join(rows)), delimiter=self.delimiter)
        missing = {self.day, self.amount, self.text} - set(reader.fieldnames or ())
        if missing:
            raise ImportFailed(f"column {sorted(missing)[0]!r} is missing", self.skip + 1)
        return [self._line(row, self.skip + at) for at, row in enumerate(reader, start=2)]

    def _line(self, row: dict[str, str], at: int) -> StatementLine:
        try:
            day = datetime.strptime(row[self.day].strip(), self.day_format).date()
            amount = parse_amount(row[self.amount], self.decimal_mark)
        except (ValueError, AttributeError) as error:
            raise ImportFailed(str(error), at) from None
        partner = row.get(self.partner) or "" if self.partner else ""
        bank_id = row.get(self.bank_id) or "" if self.bank_id else ""
        return StatementLine(day, amount, " ".join(row[self.text].split()), partner.strip(), bank_id)


PLAIN_CSV = CsvLayout("date", "amount", "text", "partner", "id", ",", ".", "%Y-%m-%d")
GERMAN_CSV = CsvLayout("Buchungstag", "Betrag", "Verwendungszweck", "Beguenstigter")


def read_csv(content: str) -> list[StatementLine]:
    """Read the plain layout or the German one, told apart by the first line."""
    first = content.split("\n", 1)[0]
    return (GERMAN_CSV if "Buchungstag" in first else PLAIN_CSV).read(content)


_MT940_LINE = re.compile(
    r"(?P<day>\d{6})(?P<entry>\d{4})?(?P<mark>R?[CD])[A-Z]?(?P<amount>[\d,]+)N(?P<kind>\w{3})(?P<id>.*)"
)
_MT940_BALANCE = re.compile(r"(?P<mark>[CD])\d{6}[A-Z]{3}(?P<amount>[\d,]+)")


def read_mt940(content: str) -> list[StatementLine]:
    """Read SWIFT MT940; opening and closing balance are checked against the lines."""
    opening = closing = None
    lines: list[StatementLine] = []
    for at, tag, value in _mt940_fields(content):
        if tag in ("60F", "60M"):
            opening = _mt940_balance(value, at)
        elif tag in ("62F", "62M"):
            closing = _mt940_balance(value, at)
        elif tag == "61":
            lines.append(_mt940_line(value, at))
        elif tag == "86" and lines:
            last = lines[-1]
            lines[-1] = StatementLine(last.day, last.amount, " ".join(value.split()), "", last.bank_id)
    if opening is None or closing is None:
        raise ImportFailed("an MT940 statement needs an opening and a closing balance")
    check_balances(lines, opening, closing)
    return lines


def _mt940_fields(content: str) -> list[tuple[int, str, str]]:
    """Fields as (line number, tag, value), continuation lines joined with a blank."""
    fields: list[tuple[int, str, str]] = []
    for at, row in enumerate(content.splitlines(), start=1):
        match = re.match(r":(\d{2}[A-Z]?):(.*)", row)
        if match:
            fields.append((at, match[1], match[2]))
        elif fields and row.strip() not in ("", "-"):
            start, tag, value = fields[-1]
            fields[-1] = (start, tag, f"{value} {row.strip()}")
    return fields


def _mt940_balance(value: str, at: int) -> Decimal:
    match = _MT940_BALANCE.match(value)
    if match is None:
        raise ImportFailed(f"not a balance: {value!r}", at)
    amount = parse_amount(match["amount"], ",")
    return amount if match["mark"] == "C" else -amount


def _mt940_line(value: str, at: int) -> StatementLine:
    match = _MT940_LINE.match(value)
    if match is None:
        raise ImportFailed(f"not a statement line: {value!r}", at)
    day = datetime.strptime(match["day"], "%y%m%d").date()
    amount = parse_amount(match["amount"], ",")
    incoming = match["mark"] in ("C", "RD")
    bank_id = match["id"].strip().partition("//")[2]
    return StatementLine(day, amount if incoming else -amount, "", "", bank_id)


def read_ofx(content: str) -> list[StatementLine]:
    """Read OFX in its old form without closing tags as well as in its XML form."""
    lines = []
    for block in re.split(r"<STMTTRN>", content)[1:]:
        block = block.split("</STMTTRN>")[0]
        fields = {tag: text.strip() for tag, text in re.findall(r"<([A-Z.]+)>([^<\r\n]*)", block)}
        try:
            day = datetime.strptime(fields["DTPOSTED"][:8], "%Y%m%d").date()
            amount = parse_amount(fields["TRNAMT"])
        except (KeyError, ValueError) as error:
            raise ImportFailed(f"transaction {len(lines) + 1}: {error}") from None
        text = fields.get("MEMO") or fields.get("NAME", "")
        lines.append(StatementLine(day, amount, text, fields.get("NAME", ""), fields.get("FITID", "")))
    return lines


def read_qif(content: str) -> list[StatementLine]:
    """Read QIF: one letter and a value per line, ``^`` ends a record; US dates."""
    lines: list[StatementLine] = []
    record: dict[str, str] = {}
    for at, row in enumerate(content.splitlines(), start=1):
        if row.startswith("!") or not row.strip():
            continue
        if row.strip() != "^":
            record[row[0]] = row[1:].strip()
            continue
        lines.append(_qif_line(record, at))
        record = {}
    if record:
        raise ImportFailed("the last record is not ended by ^")
    return lines


def _qif_line(record: dict[str, str], at: int) -> StatementLine:
    try:
        month, day, year = re.split(r"[/']", record["D"].replace(" ", ""))
        full_year = int(year) + (2000 if len(year) == 2 else 0)
        when = date(full_year, int(month), int(day))
        amount = parse_amount(record["T"])
    except (KeyError, ValueError, InvalidAmount) as error:
        raise ImportFailed(f"bad record: {error}", at) from None
    return StatementLine(when, amount, record.get("M", record.get("P", "")), record.get("P", ""))


READERS: dict[str, Reader] = {
    ".csv": read_csv,
    ".sta": read_mt940,
    ".mt940": read_mt940,
    ".ofx": read_ofx,
    ".qif": read_qif,
}


def read_file(path: Path) -> list[StatementLine]:
    """Read a bank file by its suffix; equal lines are told apart."""
    try:
        reader = READERS[path.suffix.lower()]
    except KeyError:
        raise ImportFailed(f"no reader for {path.name}") from None
    return list(number_twins(reader(path.read_text(encoding="utf-8-sig"))))
