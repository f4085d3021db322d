"""Arguments of the command line and their dispatch."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ledgerlite.book import Book
from ledgerlite.cli import commands
from ledgerlite.errors import LedgerError
from ledgerlite.storage import CURRENT, JsonLinesStore, migrate


def parser() -> argparse.ArgumentParser:
    """The parser; each sub-command ``x`` is served by ``commands.run_x``."""
    top = argparse.ArgumentParser(prog="ledgerlite")
    top.add_argument("book", type=Path, help="journal file")
    subs = top.add_subparsers(dest="command", required=True)
    init = subs.add_parser("init", help="start a new book")
    init.add_argument("--currency", default="EUR")
    post = subs.add_parser("post", help="enter one debit and one credit")
    post.add_argument("date")
    post.add_argument("debit")
    post.add_argument("credit")
    post.add_argument("amount")
    post.add_argument("--memo", default="")
    post.add_argument("--ref")
    split = subs.add_parser("split", help="enter several legs, each CODE=AMOUNT")
    split.add_argument("date")
    split.add_argument("legs", nargs="+")
    split.add_argument("--memo", default="")
    split.add_argument("--ref")
    reverse = subs.add_parser("reverse", help="take an entry back")
    reverse.add_argument("number", type=int)
    reverse.add_argument("--date")
    reverse.add_argument("--memo")
    load = subs.add_parser("import", help="enter a bank file")
    load.add_argument("file", type=Path)
    load.add_argument("--rules", type=Path)
    load.add_argument("--bank", default="1020")
    balance = subs.add_parser("balance", help="balance of accounts")
    balance.add_argument("codes", nargs="+")
    balance.add_argument("--on")
    report = subs.add_parser("report", help="print a report")
    report.add_argument("kind", choices=sorted(commands.REPORTS))
    report.add_argument("period", help="2026, 2026-Q1, 2026-03")
    report.add_argument("--csv", action="store_true")
    close = subs.add_parser("close", help="close a fiscal year")
    close.add_argument("date")
    close.add_argument("--force", action="store_true")
    script = subs.add_parser("script", help="run a script of steps")
    script.add_argument("file", type=Path)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; errors of the user's making are one line on stderr and exit code 1."""
    args = parser().parse_args(argv)
    try:
        store = JsonLinesStore(args.book)
        if args.command == "init":
            return commands.run_init(store, args)
        book = _open(store)
        code: int = getattr(commands, f"run_{args.command}")(book, args)
        store.save(book, CURRENT)
    except (LedgerError, OSError) as error:
        print(f"ledgerlite: {error}", file=sys.stderr)
        return 1
    return code


def _open(store: JsonLinesStore) -> Book:
    """Load a book and bring its data up to date."""
    book, version = store.load()
    for step in migrate(book, version):
        print(f"migrated to {step.version} ({step.title}): {step.entries} entries")
    return book
