"""What a log of a strict run says beyond the package's verdict: signs of forging, tests that are both passed and failed, and the log to judge. Pure."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from task_repos import swebench_canary as canaries
from task_repos.swebench_canary import Canary
from task_repos.swebench_script import EXIT, TIMED_OUT
from task_repos.swebench_upgrade import END, START

FAILED: Final = 1
"""The exit status of pytest where a test failed."""
STATED: Final = re.compile(rf"^({canaries.STATUS}) +(.+)$", re.MULTILINE)
COLOUR: Final = re.compile(r"\x1b\[[\d;]*m")


class Reading(msgspec.Struct, frozen=True):
    """`output` and `exit_code` are what the package is to judge: the run without our own pair of tests. `torn`: ids said to pass and to fail."""

    output: bytes
    exit_code: int
    signs: tuple[str, ...]
    torn: tuple[str, ...]


def forged(*outputs: bytes) -> tuple[str, ...]:
    """A sentence for each word of the log's own that a container wrote: only the harness does."""
    words = (START, END, EXIT, TIMED_OUT)
    return tuple(f"the output holds {word!r}, which only the harness writes" for word in words if any(word.encode() in each for each in outputs))


def read(output: bytes, exit_code: int, listed: tuple[str, ...], canary: Canary | None) -> Reading:
    """Of the test part of a run, as it ended."""
    log = output.decode("utf-8", "surrogateescape")
    said = _said(log)
    torn = tuple(name for name in listed if _torn(_statuses(name, said)))
    if canary is None:
        return Reading(output, exit_code, forged(output), torn)
    kept = canaries.without(canary, log)
    others = re.search(r"^(?:FAILED|ERROR)\b", COLOUR.sub("", kept), re.MULTILINE)
    code = 0 if canary.alone and exit_code == FAILED and not others else exit_code
    signs = (*forged(output), *_odd(canary, log, exit_code, ran=any("PASSED" in _statuses(name, said) for name in listed)))
    return Reading(kept.encode("utf-8", "surrogateescape"), code, signs, torn)


def _odd(canary: Canary, log: str, exit_code: int, *, ran: bool) -> tuple[str, ...]:
    """Where the pair is not reported as it must be although graded tests passed beside it."""
    said = canaries.seen(canary, log)
    signs = [
        f"a test that must {word} was reported as {' and '.join(sorted(said.get(name, ()))) or 'nothing'}, beside graded tests that passed"
        for name, word, status in ((canary.passing, "pass", "PASSED"), (canary.failing, "fail", "FAILED"))
        if said.get(name, set()) != {status} and (ran or said.get(name))
    ]
    signs += [f"a test {name!r} was reported that is not in its file" for name in said if name not in (canary.passing, canary.failing)]
    if canary.alone and exit_code == 0 and ran:
        signs.append("the runner ended with status 0 although a test failed that must")
    return tuple(signs)


def _said(log: str) -> dict[str, set[tuple[str, str]]]:
    """(status, the rest of its line) by the rest's first word. The log is read once, however many names are asked for."""
    found: dict[str, set[tuple[str, str]]] = {}
    for status, rest in STATED.findall(COLOUR.sub("", log)):
        found.setdefault(_first(rest), set()).add((status, rest))
    return found


def _statuses(name: str, said: dict[str, set[tuple[str, str]]]) -> set[str]:
    """Names may hold blanks: a line is a name's own where a blank or nothing follows it."""
    return {status for status, rest in said.get(_first(name), ()) if rest == name or (rest.startswith(name) and rest[len(name)].isspace())}


def _first(text: str) -> str:
    return text.split(maxsplit=1)[0] if text.strip() else ""


def _torn(said: set[str]) -> bool:
    return bool(said & {"PASSED", "XFAIL"}) and bool(said & {"FAILED", "ERROR"})
