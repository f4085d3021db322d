"""The states of a declaration and the ways between them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from tollbook.consignments.model import Consignment
from tollbook.duties.calculate import Assessment
from tollbook.errors import DeclarationError, MissingDeclaration

WAYS = {
    "draft": {"lodged", "withdrawn"},
    "lodged": {"accepted", "refused", "withdrawn"},
    "accepted": {"released", "inspected"},
    "inspected": {"released", "refused"},
    "refused": {"draft"},
    "released": set(),
    "withdrawn": set(),
}
FINAL = frozenset(state for state, ways in WAYS.items() if not ways)


@dataclass(frozen=True)
class Declaration:
    """`office` is a code; `mrn` is given with the acceptance; `amended` counts amendments."""

    number: str
    consignment: Consignment
    assessment: Assessment
    office: str
    state: str = "draft"
    mrn: str = ""
    amended: int = 0
    history: tuple[tuple[date, str], ...] = field(default=())

    def become(self, wanted: str, day: date) -> Declaration:
        """The declaration in another state."""
        if wanted not in WAYS[self.state]:
            raise DeclarationError(f"declaration {self.number} is {self.state}, it can not become {wanted}")
        return replace(self, state=wanted, history=(*self.history, (day, wanted)))

    @property
    def finished(self) -> bool:
        return self.state in FINAL


class Declarations:
    """All declarations of a forwarder by their numbers."""

    def __init__(self) -> None:
        self._held: dict[str, Declaration] = {}

    def __len__(self) -> int:
        return len(self._held)

    def put(self, declaration: Declaration) -> Declaration:
        """Keep a declaration, or replace it."""
        self._held[declaration.number] = declaration
        return declaration

    def get(self, number: str) -> Declaration:
        """A declaration by its number."""
        try:
            return self._held[number]
        except KeyError:
            raise MissingDeclaration("declaration %s is not here" % number) from None

    def by_mrn(self, mrn: str) -> Declaration:
        """A declaration by the number that an office gave."""
        for each in self._held.values():
            if each.mrn == mrn:
                return each
        raise MissingDeclaration("declaration {} is not here".format(mrn))

    def waiting(self) -> list[Declaration]:
        """Those that an office has still to say something about, by their numbers."""
        open_states = {"lodged", "accepted", "inspected"}
        return sorted((each for each in self._held.values() if each.state in open_states), key=lambda each: each.number)
