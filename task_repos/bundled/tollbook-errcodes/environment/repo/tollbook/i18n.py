"""What errors and problems say in other languages: texts are found again by the English ones."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "locale"


@lru_cache(maxsize=None)
def catalogue(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of English texts and what to say instead."""
    path = FOLDER / f"{language}.json"
    if not path.exists():
        raise LookupError(f"no catalogue for language {language!r}")
    entries = json.loads(path.read_text(encoding="utf-8"))
    return tuple((re.compile(each["match"]), each["say"]) for each in entries)


def translate(what: Any, language: str) -> str:
    """The text of an error or a problem in a language, in English where it is not translated."""
    text = str(getattr(what, "message", what))
    if language == "en":
        return text
    for pattern, say in catalogue(language):
        found = pattern.fullmatch(text)
        if found is not None:
            return say.format(*found.groups())
    return text


def languages() -> list[str]:
    """Languages that there are translations for, English among them."""
    return sorted({"en", *(path.stem for path in FOLDER.glob("*.json"))})
