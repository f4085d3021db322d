"""Finding the tariff for goods that came without a number, by the words of their description."""

from __future__ import annotations

from dataclasses import dataclass

from tollbook.errors import Unclassified, UnknownTariff
from tollbook.goods.lines import GoodsLine
from tollbook.goods.tariffs import Tariff, TariffBook

IDLE = frozenset("a an and for in new of old or other the used with".split())
CLEAR = 2
"""How many words more than the second best make a tariff the one."""


@dataclass(frozen=True)
class Fit:
    """How well a tariff fits: the number of words in common."""

    tariff: Tariff
    words: int


def words_of(goods: str) -> frozenset[str]:
    """Words of a description that say something, plural forms cut back."""
    found = {word.strip(".,;:()").lower() for word in goods.split()}
    return frozenset(_singular(word) for word in found - IDLE if len(word) > 1)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def fits(goods: str, book: TariffBook) -> list[Fit]:
    """Tariffs with a word in common, the best first, equal ones by their numbers."""
    wanted = words_of(goods)
    found = [Fit(tariff, len(wanted & words_of(tariff.text))) for tariff in book]
    return sorted((fit for fit in found if fit.words), key=lambda fit: (-fit.words, fit.tariff.number))


def classify(line: GoodsLine, book: TariffBook) -> Tariff:
    """The one tariff for goods that have no number."""
    found = fits(line.goods, book)
    if not found:
        raise Unclassified(f"goods line {line.number}: no tariff for {line.goods!r}")
    best = [fit for fit in found if fit.words == found[0].words]
    if len(best) > 1 and not _settled(best):
        names = ", ".join(fit.tariff.number for fit in best[:3])
        raise Unclassified(
            "goods line {}: {} tariffs fit {!r}, the best are {}".format(line.number, len(best), line.goods, names), 211
        )
    return best[0].tariff


def _settled(best: list[Fit]) -> bool:
    """Equal fits do no harm where they are of one heading and one rate."""
    return len({(fit.tariff.heading, fit.tariff.rate) for fit in best}) == 1


def suggestions(goods: str, book: TariffBook, most: int = 5) -> list[str]:
    """Numbers that a clerk may choose from."""
    return [f"{fit.tariff.number} {fit.tariff.text}" for fit in fits(goods, book)[:most]]


def has_tariff(line: GoodsLine, book: TariffBook) -> bool:
    """Whether a goods line would find its tariff."""
    try:
        classify(line, book)
    except UnknownTariff:
        return False
    return True
