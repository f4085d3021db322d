"""A command for people at a terminal: options, a file, an exit code."""

from __future__ import annotations

from task_repos.staging.shapes.thing import Page, Thing


def page(thing: Thing) -> Page:
    text = f'''def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    made = argparse.ArgumentParser(prog="{thing.package}-{thing.noun}", description="Look at {thing.noun} records.")
    made.add_argument("file", type=Path, help="what the store has saved")
    made.add_argument("--top", type=int, default=0, metavar="N", help="only the N with the most {thing.first}")
    made.add_argument("--total", action="store_true", help="the total alone")
    return made


def shown(words: Sequence[str]) -> str:
    """What the command prints; raises StoreError for a file with a code twice."""
    given = parser().parse_args(words)
    service = {thing.title}Service({thing.title}Store.load(given.file))
    if given.total:
        return f"{{service.total()}}\\n"
    if given.top > 0:
        return table(service.top(given.top))
    return table({thing.title}Store.load(given.file))


def main(words: Sequence[str], out: TextIO) -> int:
    """Run the command; 0, or 1 with a sentence where the file can't be used."""
    try:
        out.write(shown(words))
    except (OSError, StoreError) as fault:
        out.write(f"{thing.noun}: {{fault}}\\n")
        return 1
    return 0
'''
    test = f"""def test_{thing.noun}_command_shows_a_table(tmp_path: Path) -> None:
    {thing.title}Store([{thing.call(0)}]).save(tmp_path / "kept")
    out = StringIO()
    assert main([str(tmp_path / "kept")], out) == 0
    assert "{thing.sample(0)["code"]}" in out.getvalue()


def test_{thing.noun}_command_says_what_is_missing(tmp_path: Path) -> None:
    out = StringIO()
    assert main([str(tmp_path / "none"), "--total"], out) == 1
    assert out.getvalue().startswith("{thing.noun}: ")
"""
    store = (f"{thing.home}.store", (f"{thing.title}Store",))
    imports = (
        ("argparse", ()), ("collections.abc", ("Sequence",)), ("pathlib", ("Path",)), ("typing", ("TextIO",)),
        (f"{thing.package}.errors", ("StoreError",)), (f"{thing.home}.report", ("table",)), (f"{thing.home}.service", (f"{thing.title}Service",)), store,
    )  # fmt: skip
    tested = (("io", ("StringIO",)), ("pathlib", ("Path",)), (f"{thing.home}.console", ("main",)), (f"{thing.home}.record", (thing.title,)), store)
    return Page(f"The command that looks at {thing.noun} records.", imports, text, tested, test)
