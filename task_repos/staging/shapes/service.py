"""Questions that are asked of a store: totals, groups, the greatest few."""

from __future__ import annotations

from task_repos.staging.shapes.thing import Page, Thing


def page(thing: Thing) -> Page:
    field = thing.texts[(thing.twist + 1) % len(thing.texts)]
    text = f'''class {thing.title}Service:
    """Answers questions about the {thing.noun} records of one store."""

    def __init__(self, store: {thing.title}Store, limit: int = {thing.limit}) -> None:
        self._store, self._limit = store, limit

    def total(self) -> int:
        """The {thing.first} of all records together."""
        return sum(record.{thing.first} for record in self._store)

    def totals(self) -> dict[str, int]:
        """The {thing.first} of the records by {field}."""
        found: dict[str, int] = {{}}
        for record in self._store:
            found[record.{field}] = found.get(record.{field}, 0) + record.{thing.first}
        return found

    def top(self, count: int) -> list[{thing.title}]:
        """The records with the most {thing.first}, ties by code."""
        return sorted(self._store, key=lambda record: (-record.{thing.first}, record.code))[:count]

    def beyond(self) -> list[str]:
        """Codes of the records beyond the limit."""
        return sorted(record.code for record in self._store if record.{thing.first} > self._limit)

{_share(thing)}'''
    record = (f"{thing.home}.record", (thing.title,))
    store = (f"{thing.home}.store", (f"{thing.title}Store",))
    return Page(
        f"Totals and rankings of {thing.noun} records.", (record, store), text,
        (record, (f"{thing.home}.service", (f"{thing.title}Service",)), store), _test(thing),
    )  # fmt: skip


def _share(thing: Thing) -> str:
    if thing.twist % 3 == 0:
        return f'''    def share(self, code: str) -> int:
        """What one record has of the total, in whole hundredths; 0 where there is no total."""
        total = self.total()
        return 100 * self._store.get(code).{thing.first} // total if total else 0
'''
    if thing.twist % 3 == 1:
        return f'''    def middle(self) -> int | None:
        """The lower median of {thing.first}; None without records."""
        values = sorted(record.{thing.first} for record in self._store)
        return values[(len(values) - 1) // 2] if values else None
'''
    return f'''    def spread(self) -> int:
        """Greatest less smallest {thing.first}; 0 without records."""
        values = [record.{thing.first} for record in self._store]
        return max(values) - min(values) if values else 0
'''


def _test(thing: Thing) -> str:
    totals = sum(int(thing.sample(index)[thing.first]) for index in range(3))
    return f"""def service() -> {thing.title}Service:
    records = [
        {thing.call(0)},
        {thing.call(1)},
        {thing.call(2)},
    ]
    return {thing.title}Service({thing.title}Store(records), limit={int(thing.sample(0)[thing.first])})


def test_{thing.noun}_totals() -> None:
    assert service().total() == {totals}
    assert sum(service().totals().values()) == {totals}


def test_{thing.noun}_greatest_first() -> None:
    assert [record.code for record in service().top(2)] == ["{thing.sample(2)["code"]}", "{thing.sample(1)["code"]}"]
    assert service().beyond() == ["{thing.sample(1)["code"]}", "{thing.sample(2)["code"]}"]
"""
