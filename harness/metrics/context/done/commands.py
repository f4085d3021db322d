"""What a tool call is about, read from its name and arguments: a wait, a question to the network, nothing at all."""

from __future__ import annotations

import posixpath
import re

from harness.metrics.context.done.runners import tests
from harness.metrics.context.scene import Did

_LONGEST = 4_000
"""Characters of a command line that are searched: what a long script does shows at its beginning, and a search may try each of its places."""
_START = r"(?:^|[;&|(\n][ \t]*|\b(?:do|then|else|time|timeout \S+)[ \t]+)"
_WAITS = re.compile(_START + r"(?:sleep|wait|watch|inotifywait|tail\s+(?:-\S+\s+)*-\w*[fF]\w*|while|until)\b")
_NETWORK = re.compile(
    _START + r"(?:sudo\s+)?(?:curl|wget|ssh|scp|rsync|nc|ping|apt|apt-get|(?:python3?\s+-m\s+)?pip3?\s+(?:install|download)|uv\s+(?:pip|sync)"
    r"|npm\s+(?:i|ci|install)|git\s+(?:clone|fetch|pull|push|ls-remote)|docker\s+pull)\b"
)
_STATE = re.compile(r"^\s*git\s+(?:status|diff|log|show|stash list|branch)\b")
_IDLE = re.compile(r"(?:true|:|pwd|echo\b[^;&|><]*)?")
_EFFECT = re.compile(
    r"^\s*(?:cd|export|unset|source|\.|set|alias|mkdir|touch|rm|mv|cp|ln|chmod|chown|kill|pkill|tee|patch|pip3?\s+install"
    r"|git\s+(?:add|commit|stash|checkout|restore|reset|switch|merge|rebase|apply|config|tag|mv|rm|clean|init|revert))\b"
)
EDITS = frozenset({"write", "replace"})


def command(did: Did) -> str:
    """The command of a call of `shell`, "" of any other call."""
    return _word(did, "command") if did.name == "shell" else ""


def path(did: Did) -> str:
    """The path that `read`, `write` or `replace` was given, without dots; "" of any other call."""
    given = _word(did, "path") if did.name in EDITS or did.name == "read" else ""
    return posixpath.normpath(given) if given else ""


def _word(did: Did, name: str) -> str:
    value = (did.arguments or {}).get(name)
    return value if isinstance(value, str) else ""


def _searched(did: Did) -> str:
    return command(did)[:_LONGEST]


def waits(did: Did) -> bool:
    """Sleeping, waiting for something, or asking again and again until it is there."""
    return did.name in ("sleep", "wait") or bool(_WAITS.search(_searched(did)))


def idle(did: Did) -> bool:
    """A command that neither does nor shows anything of the repository."""
    return did.name == "shell" and did.arguments is not None and bool(_IDLE.fullmatch(command(did).strip()))


def networked(did: Did) -> bool:
    """A command whose failure may be the network's, so that trying it again is sense."""
    return bool(_NETWORK.search(_searched(did)))


def asks_state(did: Did) -> bool:
    """A look at where the work stands, which every new request is a reason for."""
    return tests(did) or bool(_STATE.match(command(did)))


def observes(did: Did) -> bool:
    """A call made for what it shows: it came back well, changed nothing, and is neither a wait nor an effect."""
    if not did.ok or did.problem or did.before != did.after:
        return False
    if did.name in ("read", "run_tests"):
        return True
    if did.name != "shell" or waits(did) or networked(did) or _acts_only(command(did)):
        return False
    return did.exit_code == 0 or tests(did)


def _acts_only(words: str) -> bool:
    """No part of the command is there for what it shows: `cd pkg` is not, `cd pkg && ls` is."""
    return all(_EFFECT.match(part) or _IDLE.fullmatch(part.strip()) for part in re.split(r"&&|\|\||[;\n]", words))


def failed(did: Did) -> bool:
    """It was not run, did not work, or a command of it ended badly."""
    return not did.ok or bool(did.problem) or did.exit_code not in (0, None)
