"""What sides and runs are called: as little as tells them apart, and by the names that users gave."""

from __future__ import annotations

from harness.answer.compare.figures import Figures
from harness.answer.compare.question import names
from harness.answer.side import Side


def called(a: Side | Figures, b: Side | Figures) -> tuple[str, str]:
    """The model; with agents where these differ and a model is asked, with runs where nothing else differs."""
    full = a.who.agent != b.who.agent
    one, other = names(a.who, full=full), names(b.who, full=full)
    return (one, other) if one != other else (at_runs(one, a), at_runs(other, b))


def at_runs(name: str, of: Side | Figures) -> str:
    """As SIDE is typed."""
    return f"{name}@{' '.join(of.called or of.runs)}"


def runs(*held: Figures) -> str:
    """Each run once, its id beside its name."""
    found = {run: word for side in held for run, word in zip(side.runs, side.called or side.runs, strict=True)}
    words = (run if word in ("", run) or run.startswith(word) else f"{word} {run}" for run, word in found.items())
    return f"run{'' if len(found) == 1 else 's'} {', '.join(words)}"
