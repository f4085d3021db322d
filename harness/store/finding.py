"""What an examination found, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """`kind`: record, trial, trace, blob, tree, base, settled, audit, context, row, leftover. `place`: a trial or file. A note is harmless, a wrong thing is not."""

    kind: str
    place: str
    text: str
    state: Literal["wrong", "note"] = "wrong"


Find: TypeAlias = Callable[[Finding], None]
