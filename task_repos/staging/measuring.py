"""How many tokens a task comes to when the solution is played: requests, calls and what the tools would show, at four characters a token."""

from __future__ import annotations

import json
from typing import Final

from harness.core.memory import Use
from task_repos.staging.folders import Folder
from task_repos.staging.work import Tree, played

CHARS_PER_TOKEN: Final = 4
"""What source code comes to for today's tokenizers, roughly; the same figure as `longhaul validate` has."""
RUN: Final = 320
"""Characters of a quiet run of tests that all pass."""


def tokens(folder: Folder) -> int:
    """Of the whole conversation at its end, without a system text or what a model would say besides."""
    total, tree, request = 0, dict(folder.base), 0
    for move in folder.moves:
        if move.stage != request:
            request = move.stage
            total += len(folder.requests[request - 1][1])
        total += len(move.text) + sum(len(call.arguments) + len(call.tool) + _answer(call, tree) for call in move.calls)
        tree = played(tree, move.calls)
    return total // CHARS_PER_TOKEN


def _answer(call: Use, tree: Tree) -> int:
    given = json.loads(call.arguments)
    if call.tool == "read":
        lines = tree[given["path"]].splitlines()
        shown = lines[max(given["first_line"] - 1, 0) : given["last_line"] or len(lines)]
        return sum(len(line) + 5 for line in shown) + 60
    if call.tool == "shell" and given["command"].startswith("grep -rnw "):
        word = given["command"].split()[2]
        return sum(len(path) + len(line) + 8 for path, text in tree.items() if path.endswith(".py") for line in text.splitlines() if word in line)
    return RUN if call.tool == "run_tests" else 70
