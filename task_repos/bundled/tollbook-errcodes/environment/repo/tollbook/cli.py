"""The command line: `tollbook COMMAND [--option value] FILE`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from tollbook.consignments.checks import check
from tollbook.consignments.reader import read
from tollbook.errors import MissingFile, TollbookError, UsageError
from tollbook.goods.classify import classify, suggestions
from tollbook.goods.lines import goods_line
from tollbook.goods.tariffs import read_book
from tollbook.i18n import languages, translate
from tollbook.journal import Journal
from tollbook.parties.eori import check as check_eori
from tollbook.reports.refusals import table
from tollbook.reports.summary import problems
from tollbook.settings import Settings
from tollbook.settings import read as read_settings

OPTIONS = ("--language", "--settings", "--year")

NO_INPUT = 66
SOFTWARE = 70
IO = 74
LATER = 75
PROTOCOL = 76
NOT_ALLOWED = 77
CONFIG = 78


def exit_status(error: Exception) -> int:
    """What the command ends with after an error."""
    if not isinstance(error, TollbookError):
        return SOFTWARE
    label = error.label
    if label.startswith("SP"):
        return IO
    if label.startswith("TX"):
        return PROTOCOL if label in ("TX-04", "TX-05", "TX-09") else LATER
    if isinstance(error, UsageError) or error.code in (120, 121, 122):
        return 2
    number = int(error.code)
    if 110 <= number < 120:
        return CONFIG
    if number in (402, 403):
        return LATER
    if number // 100 in (2, 3) or number in (502, 503):
        return 65
    if number // 100 == 4:
        return NO_INPUT
    if number == 505:
        return 9
    if number // 100 == 5:
        return NOT_ALLOWED
    return 67 if number // 100 == 6 else 1


def problem_exit(found: list) -> int:
    """What `check` ends with."""
    return 65 if any(each.serious for each in found) else 0


def main(words: list[str] | None = None) -> int:
    """Run a command and give its exit status."""
    language = "en"
    try:
        command, options, files = parse(sys.argv[1:] if words is None else words)
        settings = read_settings(Path(options["--settings"])) if "--settings" in options else Settings()
        language = options.get("--language", settings.language)
        return run(command, options, files, language)
    except (TollbookError, ValueError, LookupError, RuntimeError) as error:
        text = translate(error, language) if language in languages() else str(error)
        shown = str(error).replace(getattr(error, "message", ""), text) if isinstance(error, TollbookError) else text
        print(f"tollbook: {shown}", file=sys.stderr)
        return exit_status(error)


def parse(words: list[str]) -> tuple[str, dict[str, str], list[str]]:
    """The command, its options and its files."""
    command, *rest = words or [""]
    options: dict[str, str] = {}
    files: list[str] = []
    while rest:
        word = rest.pop(0)
        if word not in OPTIONS:
            files.append(word)
        elif not rest:
            raise UsageError(f"option {word} needs a value", 102)
        else:
            options[word] = rest.pop(0)
    if options.get("--language", "en") not in languages():
        choices, value = ", ".join(languages()), options["--language"]
        raise UsageError("option --language must be one of %s, not %r" % (choices, value), 103)
    return command, options, files


def run(command: str, options: dict[str, str], files: list[str], language: str) -> int:
    """Run one command."""
    match command:
        case "check":
            return check_files(files, language)
        case "classify":
            return classify_goods(files, int(options.get("--year", date.today().year)))
        case "eori":
            print("\n".join(check_eori(each) for each in _some(files)))
        case "refusals":
            print(table(Journal(existing(_some(files)[0]))), end="")
        case _:
            raise UsageError("unknown command {!r}".format(command))
    return 0


def check_files(files: list[str], language: str) -> int:
    """Show the problems of all consignments in files."""
    result = 0
    for file in _some(files):
        for consignment in read(Path(file)):
            found = check(consignment)
            print(consignment.number)
            print(problems(found, language), end="")
            result = max(result, problem_exit(found))
    return result


def classify_goods(files: list[str], year: int) -> int:
    """Find the tariff for a description: the tariff book's file, then the words of the goods."""
    book_file, *words = _some(files)
    book = read_book(existing(book_file).read_text(encoding="utf-8"), year)
    goods = " ".join(words) or "?"
    cells = {"goods": goods, "quantity": "1", "value": "1.00 EUR", "net": "1 kg", "origin": "DE"}
    print(classify(goods_line(1, cells), book).number)
    for line in suggestions(goods, book):
        print(f"  {line}")
    return 0


def existing(file: str) -> Path:
    """The path of a file that is there."""
    path = Path(file)
    if not path.exists():
        raise MissingFile("file {} not found".format(file))
    return path


def _some(files: list[str]) -> list[str]:
    if not files:
        raise UsageError("nothing to do: no file given", 104)
    return files
