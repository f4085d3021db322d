"""Problems of a consignment: found together and shown together, unlike errors, of which there is one at a time."""

from __future__ import annotations

from dataclasses import dataclass

WARNINGS = (303, 305, 506)
NOTES = (308,)


@dataclass(frozen=True)
class Problem:
    """Something that is wrong or doubtful; `number` is that of its kind, `line` that of the goods line, 0 without one."""

    number: int
    text: str
    line: int = 0

    @property
    def severity(self) -> str:
        if self.number in WARNINGS:
            return "warning"
        return "info" if self.number in NOTES else "error"

    @property
    def serious(self) -> bool:
        return self.severity == "error"

    @property
    def message(self) -> str:
        return self.text

    def __str__(self) -> str:
        return f"TB-{self.number}: {self.text}"


def serious(problems: list[Problem]) -> list[Problem]:
    """Those that keep a consignment from being declared."""
    return [each for each in problems if each.serious]


def in_order(problems: list[Problem]) -> list[Problem]:
    """Serious ones first, then by goods line and number."""
    return sorted(problems, key=lambda each: (not each.serious, each.line, each.number))
