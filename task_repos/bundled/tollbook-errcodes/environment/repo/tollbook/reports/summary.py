"""A declaration on one page."""

from __future__ import annotations

from tollbook.consignments.problems import Problem
from tollbook.declarations.states import Declaration
from tollbook.i18n import translate
from tollbook.money import Amount


def page(declaration: Declaration) -> str:
    """Head, goods lines with their duties, the sum."""
    consignment = declaration.consignment
    lines = [f"{declaration.number}  {consignment.start} > {consignment.goal}  {declaration.state}"]
    for line in consignment.lines:
        duty = declaration.assessment.of(line.number)
        lines.append(f"{line.number:3d} {line.tariff} {line.goods[:30]:<30} {line.value!s:>14} {duty!s:>12}")
    lines.append(f"{'':43}{declaration.assessment.sum!s:>12}")
    return "\n".join(lines) + "\n"


def problems(found: list[Problem], language: str = "en") -> str:
    """Problems as lines: severity, number, text."""
    rows = [f"{each.severity:<8}TB-{each.number}  {translate(each, language)}" for each in found]
    return "".join(row + "\n" for row in rows)


def origins(declaration: Declaration) -> str:
    """What goods of each country are worth, the dearest first."""
    pairs: list[tuple[str, Amount]] = sorted(
        declaration.consignment.by_origin().items(), key=lambda pair: (-pair[1].value, pair[0])
    )
    return "".join(f"{country}  {amount!s:>14}\n" for country, amount in pairs)
