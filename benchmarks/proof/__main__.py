"""Decide every claim and print it: `[yes|no|open] figure  sentence  how`; exit 1 if any is no."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from benchmarks.proof import session
from benchmarks.proof.claim import Answer, Claim, Decided, Part, parts
from benchmarks.proof.measures import MEASURES, Figures
from benchmarks.proof.product import AbsentError, run_command

Measured = Mapping[str, Figures | Exception]
"""The figures of each measurement, or what kept it from being taken."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proof", description=__doc__)
    parser.add_argument("--junit", type=Path, help="a report of a session that has run already (-o junit_family=xunit1)")
    parser.add_argument("--only", default="", help="claims whose sentence or heading holds this word; without tests none run")
    said = parser.parse_args()
    chosen = tuple(narrowed(part, said.only) for part in parts())
    claims = tuple(claim for part in chosen for claim in part.claim)
    ran = tested(claims, said.junit)
    measured = {"session": session.whole(ran), **taken({claim.figure.partition(".")[0] for claim in claims if claim.figure})}
    decided = {id(claim): decide(claim, ran, measured) for claim in claims}
    for part in chosen:
        show(part, [decided[id(claim)] for claim in part.claim])
    return summed([each.answer for each in decided.values()])


def narrowed(part: Part, word: str) -> Part:
    held = word.lower() in part.title.lower()
    return Part(part.title, tuple(claim for claim in part.claim if held or word.lower() in claim.text.lower()))


def tested(claims: tuple[Claim, ...], report: Path | None) -> tuple[session.Ran, ...]:
    """The session's tests; none where no claim asks for any."""
    if not any(claim.tests or claim.figure.startswith("session.") for claim in claims):
        return ()
    with tempfile.TemporaryDirectory() as scratch:
        path = report or Path(scratch) / "report.xml"
        if report is None:
            session.run(path)
        return session.read(path)


def taken(names: set[str]) -> Measured:
    """Each measurement that is asked for, once; one that fails hides no other."""
    found: dict[str, Figures | Exception] = {}
    for name, take in MEASURES.items():
        if name in names:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            try:
                found[name] = take()
            except Exception as fault:  # noqa: BLE001  a measurement that breaks is a claim not kept, said with its reason
                found[name] = fault
    return found


def decide(claim: Claim, ran: tuple[session.Ran, ...], measured: Measured) -> Decided:
    """By what the claim names; a sentence with a figure and tests needs both."""
    if claim.missing:
        return Decided(claim, Answer.NO, "-", claim.missing)
    found = [session.decide(claim, ran)] if claim.tests else []
    found += [weighed(claim, measured)] if claim.figure else []
    found += [run_command(claim)] if claim.command else []
    worst = min(found, key=lambda each: (Answer.NO, Answer.OPEN, Answer.YES).index(each.answer))
    return Decided(claim, worst.answer, ", ".join(each.figure for each in found), worst.how)


def weighed(claim: Claim, measured: Measured) -> Decided:
    name, _, key = claim.figure.partition(".")
    told = measured.get(name, KeyError(f"no measurement {name!r}"))
    if isinstance(told, Exception):
        answer = Answer.OPEN if isinstance(told, AbsentError) else Answer.NO
        return Decided(claim, answer, "-", f"{type(told).__name__}: {str(told).strip()}".splitlines()[-1])
    if key not in told:
        return Decided(claim, Answer.NO, "-", f"{name} has no figure {key!r}")
    figure = float(told[key])
    bounds = ((claim.most, figure.__le__, "at most"), (claim.least, figure.__ge__, "at least"), (claim.equals, figure.__eq__, "exactly"))
    asked = [(bound, holds(float(bound)), words) for bound, holds, words in bounds if bound is not None]
    answer = Answer.YES if all(held is True for _, held, _ in asked) else Answer.NO
    words = " and ".join(f"{words} {bound:g}" for bound, _, words in asked)
    return Decided(claim, answer, f"{written(figure)} {claim.unit}".strip(), f"{claim.figure}, {words}")


def written(figure: float) -> str:
    """Whole numbers whole, others to four digits."""
    return f"{figure:,.0f}" if figure.is_integer() or figure >= 1000 else f"{figure:.4g}"


def show(part: Part, decided: list[Decided]) -> None:
    if decided:
        print(f"\n{part.title}")
    for each in decided:
        print(f"[{each.answer:<4}] {each.figure:<16} {each.claim.text}  <- {each.how}")


def summed(answers: list[Answer]) -> int:
    counts = Counter(answers)
    print(f"\n{len(answers)} claims: {counts[Answer.YES]} yes, {counts[Answer.NO]} no, {counts[Answer.OPEN]} open (what they need is not here)")
    return 1 if counts[Answer.NO] else 0


if __name__ == "__main__":
    sys.exit(main())
