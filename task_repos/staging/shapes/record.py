"""A frozen record with its checks and its way to and from rows of text."""

from __future__ import annotations

from task_repos.staging.shapes.thing import Page, Thing


def page(thing: Thing) -> Page:
    lines = "\n".join(f"    {name}: {kind}" for name, kind in thing.fields())
    taken = "\n".join(
        f'            {name}={f"int(row[{chr(34)}{name}{chr(34)}])" if kind == "int" else f"row[{chr(34)}{name}{chr(34)}]"},' for name, kind in thing.fields()
    )
    given = "\n".join(f'            "{name}": {f"str(self.{name})" if kind == "int" else f"self.{name}"},' for name, kind in thing.fields())
    text = f'''@dataclass(frozen=True)
class {thing.title}:
    """One {thing.noun} as it stands in the books. `{thing.first}` is never below zero."""

{lines}

    def __post_init__(self) -> None:
        if not self.code:
            raise RecordError("a {thing.noun} without a code")
        if self.{thing.first} < 0:
            raise RecordError(f"{thing.noun} {{self.code}}: {thing.first} {{self.{thing.first}}}")

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> {thing.title}:
        """Read a row of text; raises KeyError for a missing column and ValueError for what is no number."""
        return cls(
{taken}
        )

    def to_row(self) -> dict[str, str]:
        """The same as text, column by column."""
        return {{
{given}
        }}

{_extra(thing)}'''
    test = f"""def test_{thing.noun}_rows_come_back() -> None:
    record = {thing.call(0)}
    assert {thing.title}.from_row(record.to_row()) == record


def test_{thing.noun}_needs_a_code() -> None:
    with pytest.raises(RecordError):
        {thing.call(1).replace(f'code="{thing.sample(1)["code"]}"', 'code=""')}
"""
    return Page(
        f"The {thing.noun} as a record.",
        (("collections.abc", ("Mapping",)), ("dataclasses", _of_dataclasses(thing)), (f"{thing.package}.errors", ("RecordError",))), text,
        (("pytest", ()), (f"{thing.package}.errors", ("RecordError",)), (f"{thing.home}.record", (thing.title,))), test,
    )  # fmt: skip


def _extra(thing: Thing) -> str:
    if thing.twist % 3 == 0:
        return f'''    def heavier(self, other: {thing.title}) -> bool:
        """Whether this one has more {thing.first}; ties go by code."""
        return (self.{thing.first}, self.code) > (other.{thing.first}, other.code)
'''
    if thing.twist % 3 == 1:
        return f'''    @property
    def oversized(self) -> bool:
        """Whether it is beyond what the house takes without asking."""
        return self.{thing.first} > {thing.limit}
'''
    return f'''    def with_{thing.first}(self, value: int) -> {thing.title}:
        """The same {thing.noun} with another {thing.first}; raises RecordError below zero."""
        return replace(self, {thing.first}=value)
'''


def _of_dataclasses(thing: Thing) -> tuple[str, ...]:
    return ("dataclass", "replace") if thing.twist % 3 == 2 else ("dataclass",)
