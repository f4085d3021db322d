"""Replay of a trial of 100 turns: its tools' seconds beside those on record, and what the replay needs beside its tools."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, longhaul, told

FULL, QUICK = 100, 20
COMMANDS = (
    "grep -rn 'def ' --include='*.py' . | wc -l", "cat $(git ls-files '*.py' | head -3) | sha256sum", "echo {turn} >> notes.txt; tail -1 notes.txt",
    "python3 -B -m pytest -q -p no:cacheprovider 2>&1 | head -1",
)  # fmt: skip
"""What a trial does: look, read, write, and every fourth turn run the tests."""
MOST_TOOLS, MOST_WHOLE = 1.5, 2.5


def script(turns: int) -> str:
    """A transcript of one command a turn."""
    replies = [
        f"[[reply]]\ntext = 'turn {turn}'\n[[reply.call]]\nname = 'shell'\n[reply.call.arguments]\n"
        f"command = {json.dumps(COMMANDS[turn % len(COMMANDS)].replace('{turn}', str(turn)))}\nseconds = 60\n"
        for turn in range(1, turns)
    ]
    return "format = 1\n" + "\n".join([*replies, "[[reply]]\ntext = 'DONE'\n"])


def measure(quick: bool = False) -> tuple[Figure, ...]:
    """Recorded and replayed in the same run, so that the machine's pace falls out."""
    turns = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as scratch:
        home, path = Path(scratch), Path(scratch) / "turns.toml"
        path.write_text(script(turns), encoding="utf-8")
        longhaul(home, "run", "-t", "bundled#weather-spread", "-m", "scripted/turns", "-o", f"model.script={path}", "-n", "1", "--quiet")
        done = longhaul(home, "replay", "last", "t0001", "--json")
    (trial,) = json.loads(done.out)["trials"]
    replayed = trial["replayed"]
    if replayed["told"] not in ("identical", "noise") or replayed["compared"] != turns - 1:
        raise RuntimeError(f"the replay says {replayed['told']} after {replayed['compared']} calls: {replayed['parted']}")
    recorded, now = replayed["recorded_s"], replayed["now_s"]
    return (
        Figure("tools", f"tools in the replay of a trial of {turns} turns, beside the same tools on record", now / recorded, "x", most=MOST_TOOLS),
        Figure("whole", "the whole command, container and comparison included, beside the tools on record", done.seconds / recorded, "x", most=MOST_WHOLE),
        Figure("per_call", "what the replay needs beside its tools, per call", 1000 * (done.seconds - now) / (turns - 1), "ms"),
        Figure("recorded", "the tools on record", recorded, "s"),
    )


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
