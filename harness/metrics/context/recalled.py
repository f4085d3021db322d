"""Questions about what a model was told and did, and how its answers are scored: by exact match and sets, by no model; pure.

An answer is one JSON object {"answer": ...}; a reply that is none may be asked for once more, and stays apart as an error of form if
that fails too. null abstains.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from harness.core.memory import Item
from harness.metrics.context.done.history import history
from harness.metrics.context.kept.losses import holds, passing
from harness.metrics.context.scene import Scene

Probe: TypeAlias = Literal["literal", "latent", "superseded", "order", "provenance", "absent", "own_artifact", "own_decision"]
Outcome: TypeAlias = Literal["right", "wrong", "former", "abstained", "format"]
Cell: TypeAlias = Literal["lost", "knows_but_does_not_act", "acts_without_knowing", "kept"]
CELLS: Final[tuple[Cell, ...]] = ("lost", "knows_but_does_not_act", "acts_without_knowing", "kept")
TRIES: Final = 2
FORM: Final = (
    'Answer with one JSON object and nothing else: {"answer": VALUE}. VALUE is a string, or a list of strings where several are asked for. '
    'If you were not told or do not know, answer {"answer": null}. Use no tool.'
)
AGAIN: Final = f"That was not the JSON object asked for. {FORM}"
UNKNOWN: Final = frozenset(("", "unknown", "not told", "none", "n/a", "null", "i don't know", "i do not know", "not specified", "not stated"))
BLANK: Final = "_____"
LONGEST: Final = 200
"""Characters of an answer that are kept beside its outcome."""
SOUNDS: Final = ("bdfgklmnprstvz", "aeiou")


class Question(msgspec.Struct, frozen=True):
    """`expected`: any of them is right; of `order` and `own_artifact` all of them. `former`: answers that once were right. `item`: "" for none."""

    kind: Probe
    item: str
    text: str
    expected: tuple[str, ...] = ()
    former: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What the model is asked."""
        return f"{self.text}\n\n{FORM}"


class Recall(msgspec.Struct, frozen=True):
    """`share`: F1 of a set asked for, None elsewhere; `tries`: replies that were read, 1 or 2."""

    outcome: Outcome
    tries: int
    share: float | None = None
    answer: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """As it stands in the record of a replay; `outcome_of` reads it."""
        return f"recall {self.outcome}{': ' if self.answer else ''}{', '.join(self.answer)[:LONGEST]}"


def outcome_of(words: str) -> Outcome | None:
    """What a replay's record says of its answer, "honoured at turn 9: recall right" and the like; None where it says nothing of one."""
    found = re.match(r"\w+ at turn \d+: recall (\w+)", words)
    return next((each for each in get_args(Outcome) if found and each == found[1]), None)


def score(question: Question, replies: Sequence[str]) -> Recall:
    """The first reply of the right form counts, of two at most. Raises ValueError where there is none at all."""
    if not replies:
        raise ValueError("no reply to score")
    for number, reply in enumerate(replies[:TRIES], 1):
        answer = read(reply)
        if answer is not None:
            return _judged(question, answer, number)
    return Recall("format", min(len(replies), TRIES))


def read(reply: str) -> tuple[str, ...] | None:
    """The answer as words, () where it abstains; None for a reply that is not the object asked for. A fence around it is forgiven."""
    text = re.sub(r"\A```(?:json)?\s*|(?<!\s)\s*```\Z", "", reply.strip())
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or set(found) != {"answer"}:
        return None
    value = found["answer"]
    values = value if isinstance(value, list) else [value]
    if any(isinstance(one, dict | list) for one in values):
        return None
    words = tuple(_plain(one if isinstance(one, str) else json.dumps(one)) for one in values if one is not None)
    return tuple(word for word in words if word not in UNKNOWN)


def _plain(word: str) -> str:
    return " ".join(word.strip().strip("`'\"").removeprefix("./").rstrip(".").casefold().split())


def _judged(question: Question, answer: tuple[str, ...], tries: int) -> Recall:
    expected = tuple(map(_plain, question.expected))
    if question.kind == "absent":
        return Recall("wrong" if answer else "right", tries, answer=answer)
    if question.kind == "own_artifact":
        share = f1(answer, expected)
        return Recall("right" if share == 1.0 else "wrong", tries, share, answer)
    if not answer:
        return Recall("abstained", tries)
    if question.kind == "order":
        told = answer if len(answer) > 1 else tuple(filter(None, re.split(r"\s*(?:,|->|>|;|\s)\s*", answer[0])))
        return Recall("right" if told == expected else "wrong", tries, answer=answer)
    if len(answer) > 1 and question.kind in ("literal", "latent", "superseded", "own_decision", "provenance"):  # one value is asked for: who names many knows none
        return Recall("wrong", tries, answer=answer)
    outcome = _matched(" ".join(answer), expected, tuple(map(_plain, question.former)))
    return Recall(outcome, tries, answer=answer)


def _matched(answer: str, expected: tuple[str, ...], former: tuple[str, ...]) -> Outcome:
    """Newest wins only alone: naming both versions knows neither."""
    right = any(_within(word, answer) for word in expected)
    old = any(_within(word, answer) for word in former if word not in expected)
    return "former" if old and not right else "right" if right and not old else "wrong"


def _within(word: str, answer: str) -> bool:
    return bool(word) and re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", answer) is not None


def f1(found: Iterable[str], truth: Iterable[str]) -> float:
    """Harmonic mean of precision and recall of two sets (van Rijsbergen 1979), 0..1; two empty ones agree."""
    one, other = set(found), set(truth)
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def changed(scene: Scene, turn: int) -> frozenset[str]:
    """Files that the agent changed and that are not again as at the beginning, at the end of the turn; those taken away too."""
    first = scene.trees.files(scene.base) if scene.base else {}
    own = {change.path for number in range(1, turn + 1) for change in history(scene).turns.get(number, ()) if change.author != "other"}
    return frozenset(path for path in own if history(scene).at(path, turn, "") != first.get(path, ""))


def questions(scene: Scene, turn: int, seed: int = 0) -> tuple[Question, ...]:
    """What can be asked at the end of a turn by machine, of the manifest and the recorded work alone."""
    items = _standing(scene, turn)
    own = Question("own_artifact", "", "List the paths of all files that you have changed so far.", tuple(sorted(changed(scene, turn))))
    return (*_clozes(scene, items), *_orders(items), *_places(items), absent((), str(seed)), own)


def clozes(scene: Scene, turn: int) -> tuple[Question, ...]:
    """Those of them that ask for one item's value. No tree is read."""
    return tuple(_clozes(scene, _standing(scene, turn)))


def _standing(scene: Scene, turn: int) -> tuple[Item, ...]:
    return tuple(item for item in scene.manifest.items if item.validated and item.since >= 0 and holds(item, scene, turn))


def _clozes(scene: Scene, items: tuple[Item, ...]) -> Iterator[Question]:
    each = {item.id: item for item in scene.manifest.items}
    for item in items:
        cloze = blanked(item)
        if cloze:
            old = each.get(item.supersedes)
            former = tuple(dict.fromkeys((*item.former, *((old.value,) if old and old.value else ()))))
            kind: Probe = "superseded" if former else "own_decision" if item.kind == "own_decision" else "literal"
            yield Question(kind, item.id, f"As it holds now, what belongs in place of {BLANK}?\n{cloze}", (item.value,), former)


def blanked(item: Item) -> str:
    """The item's text with its value and former values taken out; "" where that hides nothing, or the key would still be in it."""
    text = item.text
    for word in sorted({item.value, *item.former} - {""}, key=len, reverse=True):
        text = text.replace(word, BLANK)
    return text if item.value and BLANK in text else ""


def _orders(items: tuple[Item, ...]) -> Iterator[Question]:
    """Two items that different requests stated, the later named first so that the order of the question is none of the answer."""
    told = sorted((item for item in items if item.since > 0 and blanked(item)), key=lambda item: (item.since, item.id))
    if told and told[0].since < told[-1].since:
        early, late = told[0], told[-1]
        text = f"In which order were these stated? Answer with the letters, first one first.\na: {blanked(late)}\nb: {blanked(early)}"
        yield Question("order", "", text, ("b", "a"))


def _places(items: tuple[Item, ...]) -> Iterator[Question]:
    for item in items:
        if item.exposure in ("request", "first_request") and item.since > 0 and blanked(item):
            text = f"Which request stated this, counted from 1? Answer with the number.\n{blanked(item)}"
            yield Question("provenance", item.id, text, (str(item.since),))


def absent(shown: Collection[str], seed: str) -> Question:
    """About a name that nobody ever stated: the one right answer is none. `shown`: all texts that the model has seen, none of which has it.

    It looks like a name that somebody could have chosen: who sees at once that it is none would abstain for that alone.
    """
    names = (_nonce(f"absent {seed} {draw}") for draw in count())
    word = next(name for name in names if not any(name in text.casefold() for text in shown))
    return Question("absent", "", f"Which value were you told to use for `{word}_limit`?")


def _nonce(seed: str) -> str:
    """Four syllables: one of 24 million."""
    each = hashlib.sha256(seed.encode()).digest()[:8]
    return "".join(SOUNDS[place % 2][byte % len(SOUNDS[place % 2])] for place, byte in enumerate(each))


def cell(*, knows: bool, does: bool) -> Cell:
    """Where an item stands in the table of knowing and doing."""
    if knows:
        return "kept" if does else "knows_but_does_not_act"
    return "acts_without_knowing" if does else "lost"


def table(knows: Mapping[str, bool], does: Mapping[str, bool]) -> dict[Cell, int]:
    """Items in each cell; one that is in but one of the two is in none."""
    each = [cell(knows=knows[item], does=does[item]) for item in knows if item in does]
    return {one: each.count(one) for one in CELLS}


def does(scene: Scene, turn: int) -> dict[str, bool]:
    """Of each item whether its next opportunity after the turn was honoured, or put right in time; without one it is left out."""
    found: dict[str, tuple[int, bool]] = {}
    for one in scene.opportunities:
        if one.turn > turn and one.settled <= len(scene.turns):
            kept = one.honoured or passing(one)
            at, so_far = found.get(one.item, (one.turn, True))
            found[one.item] = (one.turn, kept) if one.turn < at else (at, so_far and (kept or one.turn > at))
    return {item: kept for item, (_, kept) in found.items()}
