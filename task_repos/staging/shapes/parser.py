"""A reader of text in one of three layouts, which says where it went wrong."""

from __future__ import annotations

from task_repos.staging.shapes.thing import Page, Thing

SIGNS = (";", "|", ",")


def page(thing: Thing) -> Page:
    sign = SIGNS[thing.twist % 3]
    names = ", ".join(f'"{name}"' for name, _ in thing.fields())
    text = f'''COLUMNS = ({names})
SEPARATOR = "{sign}"


def parse_line(line: str) -> {thing.title}:
    """Read one line; raises ParseError without a number of its own."""
    cells = [cell.strip() for cell in line.split(SEPARATOR)]
    if len(cells) != len(COLUMNS):
        raise ParseError(f"{{len(cells)}} columns where {{len(COLUMNS)}} belong")
    try:
        return {thing.title}.from_row(dict(zip(COLUMNS, cells, strict=True)))
    except ValueError as fault:
        raise ParseError(str(fault)) from fault


def parse(text: str) -> list[{thing.title}]:
    """Read a whole text.

    Empty lines and lines that begin with "#" are passed over. Raises ParseError,
    with the number of the line that could not be read.
    """
    found: list[{thing.title}] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            found.append(parse_line(line))
        except ParseError as fault:
            raise ParseError(f"line {{number}}: {{fault}}") from fault
    return found


def render(records: Iterable[{thing.title}]) -> str:
    """Write records so that `parse` reads the same again."""
    rows = [record.to_row() for record in records]
    return "".join(SEPARATOR.join(row[name] for name in COLUMNS) + "\\n" for row in rows)
'''
    record = (f"{thing.home}.record", (thing.title,))
    errors = (f"{thing.package}.errors", ("ParseError",))
    return Page(
        f"Reads {thing.noun} records from lines of text, and writes them.", (("collections.abc", ("Iterable",)), errors, record), text,
        (("pytest", ()), errors, (f"{thing.home}.parser", ("parse", "render")), record), _test(thing),
    )  # fmt: skip


def _test(thing: Thing) -> str:
    sign = SIGNS[thing.twist % 3]
    return f"""def test_{thing.noun}_texts_are_read_back() -> None:
    records = [{thing.call(0)}, {thing.call(1)}]
    assert parse("# head\\n\\n" + render(records)) == records


def test_{thing.noun}_faults_name_their_line() -> None:
    with pytest.raises(ParseError, match="line 2"):
        parse("\\nonly{sign}two\\n")
"""
