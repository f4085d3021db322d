"""A keeper of records in memory and in a file, by lines of JSON or as one document."""

from __future__ import annotations

from task_repos.staging.shapes.thing import Page, Thing


def page(thing: Thing) -> Page:
    text = f'''class {thing.title}Store:
    """Keeps {thing.noun} records by their code, in the order in which they came."""

    def __init__(self, records: Iterable[{thing.title}] = ()) -> None:
        self._records: dict[str, {thing.title}] = {{}}
        for record in records:
            self.add(record)

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[{thing.title}]:
        return iter(self._records.values())

    def add(self, record: {thing.title}) -> None:
        """Take a record in; raises StoreError where its code is taken."""
        if record.code in self._records:
            raise StoreError(f"{thing.noun} {{record.code}} is there already")
        self._records[record.code] = record

    def get(self, code: str) -> {thing.title}:
        """The record of that code; raises StoreError without one."""
        try:
            return self._records[code]
        except KeyError:
            raise StoreError(f"no {thing.noun} {{code}}") from None

    def remove(self, code: str) -> {thing.title}:
        """Take a record out and hand it over; raises StoreError without one."""
        record = self.get(code)
        del self._records[code]
        return record

{_selection(thing)}
{_files(thing)}'''
    record = (f"{thing.home}.record", (thing.title,))
    errors = (f"{thing.package}.errors", ("StoreError",))
    return Page(
        f"Keeps {thing.noun} records, in memory and in a file.",
        (("json", ()), ("collections.abc", ("Iterable", "Iterator")), ("pathlib", ("Path",)), errors, record), text,
        (("pytest", ()), ("pathlib", ("Path",)), errors, record, (f"{thing.home}.store", (f"{thing.title}Store",))), _test(thing),
    )  # fmt: skip


def _selection(thing: Thing) -> str:
    field = thing.texts[thing.twist % len(thing.texts)]
    if thing.twist % 2:
        return f'''    def by_{field}(self, {field}: str) -> list[{thing.title}]:
        """All records with this {field}."""
        return [record for record in self if record.{field} == {field}]
'''
    return f'''    def grouped(self) -> dict[str, list[{thing.title}]]:
        """The records by {field}, each group in the order of the codes."""
        groups: dict[str, list[{thing.title}]] = {{}}
        for record in sorted(self, key=lambda each: each.code):
            groups.setdefault(record.{field}, []).append(record)
        return groups
'''


def _files(thing: Thing) -> str:
    if thing.twist % 3 == 0:
        return f'''    def save(self, path: Path) -> None:
        """Write all records as one JSON document."""
        path.write_text(json.dumps([record.to_row() for record in self], indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> {thing.title}Store:
        """Read what `save` wrote."""
        return cls({thing.title}.from_row(row) for row in json.loads(path.read_text(encoding="utf-8")))
'''
    return f'''    def save(self, path: Path) -> None:
        """Write one line of JSON for each record."""
        with path.open("w", encoding="utf-8") as file:
            for record in self:
                file.write(json.dumps(record.to_row(), sort_keys=True) + "\\n")

    @classmethod
    def load(cls, path: Path) -> {thing.title}Store:
        """Read what `save` wrote; empty lines are passed over."""
        lines = path.read_text(encoding="utf-8").splitlines()
        return cls({thing.title}.from_row(json.loads(line)) for line in lines if line.strip())
'''


def _test(thing: Thing) -> str:
    return f"""def test_{thing.noun}_store_keeps_and_finds(tmp_path: Path) -> None:
    first, second = {thing.call(0)}, {thing.call(1)}
    store = {thing.title}Store([first, second])
    store.save(tmp_path / "store.json")
    again = {thing.title}Store.load(tmp_path / "store.json")
    assert list(again) == [first, second]
    assert again.remove(first.code) == first
    assert len(again) == 1


def test_{thing.noun}_store_takes_a_code_once() -> None:
    record = {thing.call(2)}
    with pytest.raises(StoreError):
        {thing.title}Store([record, record])
"""
