"""The control protocol: one JSON object per line, in both directions."""

from __future__ import annotations

import json
from typing import Any

from sluice.errors import WireError

LONGEST_LINE = 1 << 20


def encode_line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode("utf-8") + b"\n"


def decode_line(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise WireError(f"not a line of JSON: {error}") from None
    if not isinstance(value, dict):
        raise WireError("a line must hold an object")
    return value


class LineReader:
    """Takes bytes as they come and gives whole lines."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        *lines, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest)
        if len(rest) > LONGEST_LINE:
            raise WireError(f"a line longer than {LONGEST_LINE} bytes")
        return [line for line in lines if line.strip()]
