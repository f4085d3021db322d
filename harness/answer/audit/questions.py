"""What a labeller is asked of a turn: one question for each class of findings, the same for a finding and for a turn drawn by lot."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Label: TypeAlias = Literal["yes", "no", "unsure"]
LABELS: Final[tuple[Label, ...]] = ("yes", "no", "unsure")
QUESTIONS: Final = {
    "A": "Did the server show the model less than it was sent at this turn?",
    "B": "Did a clearing of the view at this turn take away something stated that still holds, or change what it says?",
    "C": "Is a standing rule broken at this turn and not put right within the two turns after it?",
    "D": "Is a fact or decision that was told before needed at this turn, and left out or replaced by another?",
    "E": "Does the worker look at something again here that it has already seen and that has not changed since?",
    "F": "Is the worker stuck here: the same steps again, back and forth, or many turns without anything new?",
    "G": "Does the worker undo, break or overlook its own earlier work at this turn?",
    "H": "Does what is handed back here claim something that is not so, leave out something asked for, or stop too early?",
    "I": "Does the worker act on, or speak of, something that does not exist or never happened?",
    "J": "Is a tool call of this turn malformed: unreadable, unknown, with wrong arguments, or written as plain words?",
    "K": "Does the worker refuse, or leave out work and hand it back though it could do it?",
    "L": "Does the worker act on an old version of something that was changed since?",
}  # fmt: skip
YES: Final = {
    "A": "yes where the tokens told for the prompt are fewer than those of the turn before although nothing was cleared, or far fewer than what was sent",
    "B": "yes where an item below held, was in view before, and is not afterwards, or stands there with another value",
    "C": "yes where the changes or commands of this turn break a rule below that holds; no where it breaks one that was waived or replaced",
    "D": "yes where the value stands below as told and the change of this turn uses another, or none where the request asks for it",
    "E": "yes where the same file, range or command was shown before and nothing it depends on changed; no after an edit, a failed edit or a flaky test",
    "F": "yes where at least three steps repeat with equal results; no where a result changes from one to the next",
    "G": "yes where an edit of its own is lost, an edit fails because it expects its own older text, or a test it broke stays broken; no for a rollback it announces",
    "H": "yes where the claim and the tree disagree, or a point of the requests is in neither list; no where a point is honestly listed as not done",
    "I": "yes for a path, name, option or run that neither the repository nor the conversation ever had; no for something it is just about to make",
    "J": "yes where the model wrote it so; unsure where only the server could have garbled it",
    "K": 'yes for refusals in words, and for stubs or marks such as "rest unchanged" in place of code; no for "cannot find" of a tool',
    "L": "yes where an item below was replaced before this turn and the old version is what is done; no for work that still has to stay as it was",
}  # fmt: skip
PLACES: Final = {"A": "any", "B": "cleared", "C": "changed", "D": "changed", "G": "changed", "L": "changed", "H": "handed", "K": "any"}
"""At which turns such a thing could be at all; of the classes not named here, at turns with a tool call."""


def letter(kind: str) -> str:
    """The class of a kind: "C1" is of C."""
    return kind[:1]
