"""What a server did to a prompt without a word: tokens cut, messages dropped, a shift while it wrote; and what it refused in plain words.

One fold over a try. An independent count decides wherever there is one. Without it a prompt was cut when it cost fewer tokens than an
earlier one that it holds whole, or when its words cannot fit the window that it is told to have fitted.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.chat import ReplyStop
from harness.core.errors import Fault
from harness.core.events import Trace
from harness.metrics.context.ledger import Cut
from harness.metrics.context.seen.questions import Question, questions
from harness.metrics.context.seen.taken import Weights, alone, dropped, outside_tail, shifted_out
from harness.metrics.window import Before, least, settled, shifted, signatures, tolerance

LOSSES = ("A1", "A2", "A3")
"""Kinds that took something from the model's sight; A4 was refused aloud, and the agent heard it."""


def losses(trace: Trace) -> tuple[Cut, ...]:
    """The cuts that took something."""
    return tuple(cut for cut in cuts(trace) if cut.kind in LOSSES)


def cuts(trace: Trace) -> tuple[Cut, ...]:
    """All of them, in the order of their turns. Linear in the trace; a prefix gives those of its whole turns."""
    found: list[Cut] = []
    before: Before | None = None
    weights = Weights()
    for question in questions(trace):
        found += _refused(question)
        if question.replied is None or question.prompt is None:
            continue
        # Two counts of one prompt that differ when a model is opened (Ollama 0.30.0 left the cached part out) show nothing here.
        if question.facts.counting != "disagrees":
            taken = tuple(_lost(question, before, weights))
            found += taken
            if not any(cut.kind in ("A1", "A2") for cut in taken):
                weights.learn(question, before.told if before is not None and question.asked.grown and before.full == before.told else None)
        before = settled(question.replied.usage, question.counted, more=question.more)
    return tuple(found)


def _refused(question: Question) -> Iterator[Cut]:
    """A4: what was too long and said to be. The end of an answer at its own output limit is none of it."""
    for seq, failed in question.failed:
        if failed.fault is not Fault.OVERFLOW:
            continue
        over = failed.prompt_tokens - failed.window if failed.prompt_tokens and failed.window else None
        size = f": {failed.prompt_tokens} tokens for a window of {failed.window}" if over is not None else ""
        yield _cut(question, "A4", f"refused as too long{size}; the agent was told", tokens=over, evidence=(seq,))
    replied = question.replied
    if replied is not None and replied.stop is ReplyStop.WINDOW_FULL and not _shift(question):
        yield _cut(question, "A4", "the answer filled the window and was ended there; the agent was told")


def _lost(question: Question, before: Before | None, weights: Weights) -> Iterator[Cut]:
    if words := _cut_words(question, before):
        yield _prompt_cut(question, before, words, weights)
    shift = _shift(question)
    if shift:
        words = f"{question.prompt} prompt and {question.output} answer tokens in a window of {question.window}: it was shifted while the answer was written"
        yield _cut(question, "A3", words, tokens=shift, parts=shifted_out(question, shift, weights))


def _shift(question: Question) -> int:
    if not question.bounded or question.prompt is None:
        return 0
    return shifted(question.window or 0, question.prompt, question.output)


def _cut_words(question: Question, before: Before | None) -> str:
    """How it is known that fewer tokens were evaluated than were sent; "" where that is not known."""
    prompt, counted = question.prompt or 0, question.counted
    over = question.bounded and least(before, question.asked) - tolerance(prompt, question.reasoning) > (question.window or 0) >= prompt
    if counted is not None:
        if question.more and prompt <= counted:
            return f"{prompt} prompt tokens evaluated of a prompt that the same server refuses as longer than {counted}"
        if counted - prompt > tolerance(counted):
            return f"{prompt} prompt tokens evaluated of {counted} counted"
        # A server that cuts the counting, too, tells the same figure twice: its sign and words beyond the window stand against both.
        if not (over and prompt in signatures(question.window or 0)):
            return ""
    if before is not None and question.kept and before.told - prompt > tolerance(before.told, question.reasoning):
        return f"{before.told} prompt tokens became {prompt} though the view only grew"
    return f"{prompt} prompt tokens evaluated of words that have {least(before, question.asked)} at least, in a window of {question.window}" if over else ""


def _prompt_cut(question: Question, before: Before | None, words: str, weights: Weights) -> Cut:
    """A1 by its sign, and wherever the server drops no messages; A2 where the count is below the window and has no sign."""
    prompt = question.prompt or 0
    sign = not question.bounded or prompt in signatures(question.window or 0)
    # What dropping leaves may have the sign by chance; the token cut follows only where the rest alone is too long.
    by_tokens = sign and (not question.bounded or alone(question, weights) > prompt / 2)
    parts = outside_tail(question, weights) if by_tokens else dropped(question, weights)
    gone = max(1, _missing(question, before, parts if not by_tokens else question.view, weights))
    return _cut(question, "A1" if by_tokens else "A2", f"{words}: {'the prompt was cut' if by_tokens else 'whole messages were dropped'}", tokens=gone, parts=parts)


def _missing(question: Question, before: Before | None, parts: tuple[str, ...], weights: Weights) -> int:
    """Tokens: by the count where there is one, else by the weight of `parts` (of all, less what was evaluated, for a cut by tokens)."""
    prompt = question.prompt or 0
    if question.counted is not None and not question.more and question.counted > prompt:
        return question.counted - prompt
    weight = int(weights.of(question, parts))
    return max(weight + int(weights.base) - prompt if parts == question.view else weight, least(before, question.asked) - prompt)


def _cut(
    question: Question, kind: str, detail: str, *, tokens: int | None = None, parts: tuple[str, ...] = (), evidence: tuple[int, ...] | None = None
) -> Cut:
    return Cut(question.turn, kind, tokens, parts, question.facts.cuts_declared, detail, question.seqs if evidence is None else evidence)


def turns_cut(cuts: tuple[Cut, ...]) -> int:
    """Turns at which something was taken."""
    return len({cut.turn for cut in cuts if cut.kind in LOSSES})


def undeclared(trace: Trace) -> tuple[Cut, ...]:
    """What was taken and nobody had said it would be: the world's fault, never the model's."""
    return tuple(cut for cut in losses(trace) if not cut.declared)


