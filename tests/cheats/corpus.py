"""All cheats and all honest shapes."""

from __future__ import annotations

from tests.cheats import ending, inside, knowing, outside, steering
from tests.cheats.honest import HONEST

CHEATS = (*steering.CHEATS, *inside.CHEATS, *knowing.CHEATS, *ending.CHEATS, *outside.CHEATS)
__all__ = ["CHEATS", "HONEST"]
