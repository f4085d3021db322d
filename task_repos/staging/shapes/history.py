"""A journal of changes that can be played again."""

from __future__ import annotations

from task_repos.staging.shapes.thing import Page, Thing


def page(thing: Thing) -> Page:
    text = f'''@dataclass(frozen=True)
class {thing.title}Change:
    """One change of a {thing.noun}: by how much its {thing.first} grew or shrank, and why."""

    day: int
    code: str
    amount: int
    reason: str


class {thing.title}History:
    """All changes in the order of their days; changes of one day stay as they were entered."""

    def __init__(self) -> None:
        self._changes: list[{thing.title}Change] = []

    def enter(self, change: {thing.title}Change) -> None:
        """Put a change in its place."""
        place = len(self._changes)
        while place and self._changes[place - 1].day > change.day:
            place -= 1
        self._changes.insert(place, change)

    def until(self, day: int) -> list[{thing.title}Change]:
        """All changes up to that day, the day itself included."""
        return [change for change in self._changes if change.day <= day]

    def level(self, code: str, day: int) -> int:
        """What the changes of one {thing.noun} come to at the end of a day."""
        return sum(change.amount for change in self.until(day) if change.code == code)

{_summary(thing)}'''
    test = f"""def test_{thing.noun}_changes_are_played_in_order() -> None:
    history = {thing.title}History()
    history.enter({thing.title}Change(day=5, code="A", amount=4, reason="late"))
    history.enter({thing.title}Change(day=2, code="A", amount=-1, reason="early"))
    assert [change.day for change in history.until(9)] == [2, 5]
    assert history.level("A", 4) == -1
    assert history.level("A", 5) == 3
"""
    return Page(
        f"What happened to each {thing.noun}, day by day.", (("dataclasses", ("dataclass",)),), text,
        ((f"{thing.home}.history", (f"{thing.title}Change", f"{thing.title}History")),), test,
    )  # fmt: skip


def _summary(thing: Thing) -> str:
    if thing.twist % 2:
        return '''    def reasons(self) -> dict[str, int]:
        """How often each reason was given, the most frequent first."""
        counts: dict[str, int] = {}
        for change in self._changes:
            counts[change.reason] = counts.get(change.reason, 0) + 1
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
'''
    return '''    def busiest(self) -> int | None:
        """The day with the most changes, the first of several; None where nothing happened."""
        days = sorted({change.day for change in self._changes})
        counts = {day: sum(change.day == day for change in self._changes) for day in days}
        return max(days, key=lambda day: (counts[day], -day), default=None)
'''
