"""Records as text to be read by people: a table, a list or a digest."""

from __future__ import annotations

from task_repos.staging.shapes.thing import Page, Thing


def page(thing: Thing) -> Page:
    shown = [name for name, _ in thing.fields()][:4]
    heads = ", ".join(f'"{name}"' for name in shown)
    text = f'''HEADS = ({heads})
WIDEST = {20 + thing.limit % 12}


def cells(record: {thing.title}) -> list[str]:
    """What is shown of a record, too long texts cut with a dot at their end."""
    row = record.to_row()
    return [row[head] if len(row[head]) <= WIDEST else row[head][: WIDEST - 1] + "." for head in HEADS]


def table(records: Iterable[{thing.title}]) -> str:
    """Columns as wide as their widest cell; one line for each record, below a line of heads."""
    rows = [list(HEADS), *(cells(record) for record in records)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\\n".join(lines) + "\\n"

{_digest(thing)}'''
    test = f"""def test_{thing.noun}_table_has_a_line_for_each() -> None:
    lines = table([{thing.call(0)}, {thing.call(1)}]).splitlines()
    assert lines[0].split() == [{heads}]
    assert [line.split()[0] for line in lines[1:]] == ["{thing.sample(0)["code"]}", "{thing.sample(1)["code"]}"]


def test_{thing.noun}_table_of_nothing_is_its_head() -> None:
    assert table([]).count("\\n") == 1
"""
    record = (f"{thing.home}.record", (thing.title,))
    return Page(
        f"Shows {thing.noun} records to people.", (("collections.abc", ("Iterable",)), record), text,
        (record, (f"{thing.home}.report", ("table",))), test,
    )  # fmt: skip


def _digest(thing: Thing) -> str:
    if thing.twist % 2:
        return f'''
def digest(records: Iterable[{thing.title}]) -> str:
    """One sentence: how many there are, and which has the most {thing.first}."""
    found = sorted(records, key=lambda record: (-record.{thing.first}, record.code))
    if not found:
        return "no {thing.noun}"
    return f"{{len(found)}} x {thing.noun}, most {thing.first}: {{found[0].code}} ({{found[0].{thing.first}}})"
'''
    return f'''
def bullets(records: Iterable[{thing.title}]) -> list[str]:
    """A line for each record, numbered from 1."""
    return [f"{{number}}. {{record.code}}: {{record.{thing.first}}}" for number, record in enumerate(records, start=1)]
'''
