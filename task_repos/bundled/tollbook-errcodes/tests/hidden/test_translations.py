"""Other languages."""

from __future__ import annotations

import json
from string import Formatter

import pytest
import scenes
from source_tree import PACKAGE, RECORDED

from tollbook.i18n import languages, translate


@pytest.mark.parametrize("language", ["de", "fr"])
def test_translations_say_what_they_said(language: str) -> None:
    """Errors and problems in other languages, word for word; what is not translated is English."""
    for area, recorded in RECORDED["scenes"].items():
        assert {name: translate(error, language) for name, error in scenes.errors(area) if name != "settings file"} == {
            name: each[language] for name, each in recorded.items() if name != "settings file"
        }
    place = 4 if language == "de" else 5
    assert [translate(each, language) for each in scenes.problems()] == [each[place] for each in RECORDED["problems"]]
    assert languages() == ["de", "en", "fr"]


@pytest.mark.parametrize("language", ["de", "fr"])
def test_catalogues_keep_their_words(language: str) -> None:
    """Codes with their texts; fields by their names, where they stood."""
    told = json.loads((PACKAGE / "locale" / f"{language}.json").read_text(encoding="utf-8"))
    assert type(told) is dict
    plain = {code: "".join(text + (f"{{{name}}}" if name else "") for text, name, _, _ in Formatter().parse(each)) for code, each in told.items()}
    assert plain == RECORDED["locale"][language]
