"""Stages that ask for reading alone: a log that has nothing to do with the work. They are there for their tokens, and are reported apart."""

from __future__ import annotations

from task_repos.staging.dials import Dials
from task_repos.staging.draw import Draw
from task_repos.staging.lexicon import nonce
from task_repos.staging.work import Act, Mind, Tree, Work, use

TOKEN = 4
"""Characters, as everywhere where nothing is counted."""
SHOWN = 150
"""Lines that one reading call takes: what a tool shows at once ends at some 16,000 bytes."""
EVENTS = ("started", "took a job", "gave a job back", "waits for its turn", "restarted", "sent its answer", "lost its peer", "found its peer again")


class Interlude:
    """A log of `tokens` tokens; the worker that restarted most is what there is to find."""

    def __init__(self, draw: Draw, number: int, tokens: int) -> None:
        self.path, self._draw = f"logs/night{number}.log", draw
        self.workers = [nonce(draw) for _ in range(6)]
        self.text = self._written(tokens * TOKEN)
        self.lines = self.text.count("\n")

    def work(self) -> Work:
        """The stage."""
        opening = self._draw.pick((
            f"Something else in between: read `{self.path}` from its first line to its last and say when you hand back which worker restarted most often. Change nothing.",
            f"Before we go on, please go through the whole of `{self.path}`: which worker restarted most often? Say so when you hand back, and leave all files as they are.",
            f"A detour: `{self.path}` is the log of a bad night. Read all of it and name, when you hand back, the worker with the most restarts. Nothing is to be changed.",
        ))  # fmt: skip
        return Work(f"interlude:{self.path}", "log", opening, (), self._acts, interlude=True, closing=f"read all of {self.path}; {self._worst()} restarted most often")

    def _worst(self) -> str:
        return max(self.workers, key=lambda name: (sum(name in row and "restarted" in row for row in self.text.splitlines()), name))

    def _acts(self, _mind: Mind, _tree: Tree) -> tuple[Act, ...]:
        starts = range(1, self.lines + 1, SHOWN)
        return tuple(
            Act(f"I read on from line {start}.", (use("read", path=self.path, first_line=start, last_line=min(start + SHOWN - 1, self.lines)),)) for start in starts
        )

    def _written(self, size: int) -> str:
        clock, lines, length = self._draw.between(0, 20_000), [], 0
        while length < size:
            clock += self._draw.below(40)
            hours, rest = divmod(clock % 86_400, 3600)
            worker, event = self._draw.pick(self.workers), self._draw.pick(EVENTS)
            lines.append(f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d} {worker:<12} job {self._draw.below(9000):04d} queue {self._draw.below(64):02d}  {event}\n")
            length += len(lines[-1])
        return "".join(lines)


def interludes(draw: Draw, dials: Dials) -> tuple[Interlude, ...]:
    return tuple(Interlude(draw.child(str(number)), number, dials.distractor_tokens) for number in range(1, dials.interludes + 1))
