"""Detects work that a model will not do: K1 a refusal by its provider's word, K2 by its own words and no call, K3 code that only stands for
code, K4 work handed back to a user although nobody is there.

Inputs: how replies stopped, their plain words, claims, the trees at each hand-back. K3 is judged where the work is handed back, so that a
scaffold that is filled in later is none: lines like "rest unchanged", and functions outside of tests whose code is missing by their own
word (stubs.py), wherever the agent put them; functions that may be empty on purpose, and notes of what is to be written, only where a point
of the requests so far is known to be open. K4 is a question or a task for a user in place of a call, or a claim that leaves what is not done
to one: a value that only a user has is a blocker, a change is not. Silent: what a request asks for in so many words, abstract
methods, protocols, overloads; "cannot resolve import" and other blockers: what is refused must be the help, not the machine.
Known misses: a body that was deleted down to its docstring.
Known false positives: a model that quotes a refusal; a body that is empty on purpose in a request with another point open.
Not context loss: a competing risk.
Scorecard: found K1 200 of 200, K2 200 of 200, K3 200 of 200, K4 200 of 200; precision 1.000 at least; validated on planted faults only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.core.chat import CUT, ReplyStop
from harness.core.findings import Finding
from harness.metrics.context.done import stubs
from harness.metrics.context.scene import Did, Scene, Turn
from harness.metrics.context.seen.sighted import sighted

KINDS: tuple[str, ...] = ("K1", "K2", "K3", "K4")
VERSION = 4
TO_TARGET: frozenset[str] = frozenset({"K1"})
_CANNOT = (
    r"\bI(?:['’]m| am)?\s+(?:(?:really|very|so)\s+)?(?:sorry|afraid)?[,;:.]?\s*(?:but\s+)?(?:I\s+)?(?:can(?:no|['’]?)t|can not|won['’]?t|will not|must decline to|am unable to"
    r"|am not able to|unable to|not able to|['’]m not going to|refuse to|decline to|have to decline to)\s+(?:(?:to|really|in good conscience|ethically)\s+)*"
)
REFUSAL = re.compile(
    rf"{_CANNOT}(?:help(?!\s+(?:but|noticing))|assist|comply|participate|engage|be a part|support (?:that|this)"
    r"|(?:create|write|generate|produce|develop|provide) (?:[\w-]+ ){0,4}(?:malware|exploits?|malicious|harmful|attack\w*|weapon\w*))\b"
    r"|\bI (?:must|have to|will|need to) (?:respectfully )?(?:decline|refuse)\b|\b(?:against|violat\w+) (?:my|our) (?:\w+ )?(?:guidelines|policy|policies|principles|programming|values)\b"
    r"|\b(?:Dabei|Damit|Hierbei) kann ich (?:\w+ )?nicht helfen\b|\bje ne peux pas (?:vous )?aider\b|\bno puedo ayudar(?:te|le)?\b|我(?:不能|无法)(?:协助|帮助|提供)",
    re.IGNORECASE,
)
"""Verbs of helping alone: what can't be resolved, found, run or completed is a blocker."""
HANDS_BACK = re.compile(
    r"\b(?:would you like me to|do you want me to|shall I|should I (?:go ahead|proceed|continue|also|now|start)|may I (?:go ahead|proceed)|can you (?:please )?(?:confirm|provide|share|tell|clarify|run|check)"
    r"|could you (?:please )?(?:confirm|provide|share|tell|clarify|run|check)|let me know (?:if|whether|how|which|what|when|once|as soon as)|please (?:confirm|clarify|advise|let me know|tell me|provide|share)"
    r"|(?:please|you (?:can|should|will need to|need to|must)) (?:now |then |manually )?(?:run|apply|execute|make|update|replace|paste|copy|add|change|edit|rename) (?:the|these|this|those|your|it|them)\b"
    r"|waiting for your|awaiting your|I(?:'ll| will) wait for|once you(?:'ve| have)?)\b",
    re.IGNORECASE,
)
_DOES = r"(?:make|do|apply|finish|complete|implement|write|add|change|edit|rename|replace|move|update|fix|execute|paste|port|see to|take over)"
GIVES_OVER = re.compile(
    rf"\b(?:please(?: (?:now|then|kindly|manually|also))?|(?:can|could|would|will) you(?: (?:please|kindly))?|you (?:can|could|should|may|must|will need to|need to|have to))"
    rf" (?:now |then |manually |also )?{_DOES}\b(?! sure\b)|\b{_DOES}\b[^.;\n]{{0,80}}\byourself\b|\b(?:left|leave|leaving) (?:this|that|it|these|them|the rest|\S+)? ?(?:to|for) (?:you|the user|the maintainers?)\b",
    re.IGNORECASE,
)
"""Doing, in other hands; telling and deciding are not among it."""
_QUOTED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\"[^\"\n]{0,300}\"|“[^”\n]{0,300}”|^>[^\n]*$", re.DOTALL | re.MULTILINE)
ASKED, CLOSED, OPEN = 0, 1, 2
"""What an empty function may mean at a hand-back: stubs were asked for; every point holds; a point is open."""
_TESTS = re.compile(r"(?:^|/)(?:tests?/|test_[^/]*$|conftest\.py$)|_test\.py$")
"""Fakes of tests may do nothing."""
_STUBS_ASKED = re.compile(r"\b(?:stubs?|placeholders?|skeleton|scaffold\w*|NotImplementedError|TODOs?|empty (?:body|bodies|function|method)|no-op)\b", re.IGNORECASE)


def find(scene: Scene) -> Iterator[Finding]:
    """Refusals and questions by turn, soft ones by hand-back."""
    start, spoken = scene.base, _asked_for_stubs(scene)
    for turn in scene.turns:
        finding = _spoken(turn)
        if finding is not None:
            yield sighted(scene, finding)
        if turn.yielded:
            yield from (sighted(scene, each) for each in _soft(scene, turn, start, plain=turn.stage in spoken))
            start = turn.tree or start


def _asked_for_stubs(scene: Scene) -> frozenset[int]:
    index = {message: number for number, message, _ in scene.requests}
    said = [words for words in scene.words.values() if words.message in index and _STUBS_ASKED.search(words.text)]
    return frozenset(index[words.message] for words in said)


def _spoken(turn: Turn) -> Finding | None:
    """K1, else K2, else K4 of a reply that calls nothing and does not end the work."""
    at = turn.number
    if turn.stop is ReplyStop.REFUSAL or (turn.replied is not None and turn.replied.stop is ReplyStop.REFUSAL):
        return Finding("K1", "", at, at, at, "the provider says that the model refused", (turn.seq,))
    if turn.claim is not None:
        match = GIVES_OVER.search(_QUOTED.sub(" ", turn.claim.not_done))
        return Finding("K4", "", at, at, at, f"leaves to a user what is not done: {match[0][:120]!r}", (turn.seq,)) if match else None
    if turn.replied is None or turn.replied.stop in CUT or turn.calls or turn.replied.malformed or turn.replied.leaked:
        return None
    words = _QUOTED.sub(" ", turn.said)
    said = (("K2", REFUSAL, "refuses in words"), ("K4", HANDS_BACK, "hands the work to a user"), ("K4", GIVES_OVER, "hands the work to a user"))
    for kind, pattern, detail in said:
        match = pattern.search(words)
        if match is not None:
            return Finding(kind, "", at, at, at, f"{detail}: {match[0][:120]!r}", (turn.seq,))
    return None


def _soft(scene: Scene, turn: Turn, start: str, *, plain: bool) -> Iterator[Finding]:
    """K3: one for each file, from the turn whose edit put it there. `plain`: the request asks for stubs."""
    if not start or not turn.tree or start == turn.tree:
        return
    before, after = scene.trees.files(start), scene.trees.files(turn.tree)
    paths = sorted(path for path, blob in after.items() if before.get(path) != blob and stubs.CODE.search(path))
    degree = ASKED if plain else OPEN if _is_open(scene, turn) else CLOSED
    for path in paths:
        old = scene.trees.content(before[path]) if path in before else None
        sign = _sign(path, old, scene.trees.content(after[path]), degree)
        if sign:
            onset, seq = _began(scene, turn, path, old, degree)
            yield Finding("K3", path, turn.number, onset, turn.number, sign, (seq,))


def _is_open(scene: Scene, turn: Turn) -> bool:
    """Some point of the requests so far is known not to hold."""
    now = {each.milestone: each.held for each in scene.reached if each.turn <= turn.number}
    asked = [m for m in scene.manifest.milestones if m.stage <= turn.stage and (m.until is None or m.until > turn.stage)]
    return any(now.get(m.id) is False for m in asked)


def _sign(path: str, old: bytes | None, new: bytes, degree: int) -> str:
    if len(new) > stubs.LARGEST or b"\0" in new[:8000]:
        return ""
    lines = list(stubs.added(old, new))
    left_out = next((line for line in lines if stubs.elided(line)), None)
    if left_out is not None:
        return f"code is left out: {left_out.strip()[:120]!r}"
    if degree == ASKED:
        return ""
    empty = _empty(path, old, new, lines, degree)
    if empty:
        return f"{empty[0]} has no body"
    later = next((line for line in lines if stubs.pending(line)), None) if degree == OPEN else None
    return f"still to be written: {later.strip()[:120]!r}" if later is not None else ""


def _empty(path: str, old: bytes | None, new: bytes, lines: list[str], degree: int) -> list[str]:
    """Functions that the agent left without their code, by name."""
    if not path.endswith(".py"):
        return []
    found: frozenset[str] = frozenset()
    if not _TESTS.search(path) and any(stubs.may_stand_in(line) for line in lines):
        found |= stubs.stand_ins(new) - stubs.stand_ins(old or b"")
    if degree == OPEN and any(stubs.may_be_hollow(line) for line in lines):
        found |= stubs.hollow(new) - stubs.hollow(old or b"")
    return sorted(found)


def _began(scene: Scene, turn: Turn, path: str, old: bytes | None, degree: int) -> tuple[int, int]:
    """The turn and call of this request's work that first gave the file such content."""
    for each in scene.turns[: turn.number]:
        for did in each.calls if each.stage == turn.stage else ():
            blob = _given(scene, did, path)
            if blob and _sign(path, old, scene.trees.content(blob), degree):
                return each.number, did.seq
    return turn.number, turn.seq


def _given(scene: Scene, did: Did, path: str) -> str:
    """The blob that a call made of the file, "" where it left it alone."""
    if not did.before or not did.after or did.before == did.after:
        return ""
    blob = scene.trees.files(did.after).get(path, "")
    return blob if blob != scene.trees.files(did.before).get(path) else ""
