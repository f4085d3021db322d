"""Messages of version 2: `TB:2`, lines of name and value, a count at the end."""

from __future__ import annotations

from tollbook.declarations.states import Declaration
from tollbook.errors import ReplyError
from tollbook.wire import v1

NEEDED = {"STA": "state", "REF": "reference"}


def escape(text: str) -> str:
    """A value on one line."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def unescape(text: str) -> str:
    """The value that `escape` was given."""
    parts = text.split("\\\\")
    return "\\".join(part.replace("\\n", "\n") for part in parts)


def read_reply(message: str, text: str) -> dict[str, str]:
    """Cells by the names of their lines."""
    _, *lines = text.splitlines()
    cells = {}
    for line in lines:
        name, _, value = line.partition("=")
        cells[name.strip()] = unescape(value)
    for segment, element in NEEDED.items():
        if segment not in cells:
            raise ReplyError("segment {} of message {} has no {}".format(segment, message, element), "TX-09")
    if "END" not in cells or cells["END"] != str(len(lines) - 1):
        raise ReplyError("reply to %s is cut off after %s bytes" % (message, len(text)), "TX-05")
    return cells


def write(declaration: Declaration) -> str:
    """A declaration as lines."""
    consignment = declaration.consignment
    lines = [
        f"REF={declaration.number}",
        f"DAY={consignment.day.isoformat()}",
        f"FROM={consignment.start}",
        f"TO={consignment.goal}",
        f"SUM={declaration.assessment.sum}",
    ]
    for line in consignment.lines:
        duty = declaration.assessment.of(line.number)
        lines.append(f"GDS={line.tariff};{escape(line.goods)};{line.quantity};{line.value};{line.net};{duty}")
    return "\n".join(["TB:2", *lines, f"END={len(lines)}"]) + "\n"


def for_office(declaration: Declaration, version: int) -> str:
    """A declaration in the version that an office reads."""
    if version == 2:
        return write(declaration)
    cells = [(line.tariff, str(line.value), str(line.net)) for line in declaration.consignment.lines]
    return v1.write(declaration.number, declaration.consignment.goal, cells)
