"""The catalogue of medicines and the doses that follow from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from pawdesk.documents import pack, unpack
from pawdesk.errors import NotFound, Refused
from pawdesk.infra import journal
from pawdesk.infra.database import db
from pawdesk.money import money
from pawdesk.patients.animals import Animals
from pawdesk.patients.weights import Weights

FORMS = ("tablet", "ml", "dose", "tube")
_by_name: dict[str, "Medicine"] = {}


@dataclass(frozen=True)
class Medicine:
    """One medicine; `strength` is mg per unit, `dose` mg per kg and day, by species."""

    id: str
    name: str
    form: str
    strength: Decimal
    price: Decimal
    dose: dict[str, Decimal]
    minimum: Decimal = Decimal(0)
    controlled: bool = False
    withdrawal_days: int = 0
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dose:
    """Units per day, units in all, and what the label says."""

    medicine: str
    per_day: Decimal
    units: Decimal
    text: str


def halves(units: Decimal) -> Decimal:
    """Rounded up to half units, as tablets are broken."""
    return (units * 2).to_integral_value(ROUND_CEILING) / 2


def reckon(medicine: Medicine, species: str, kg: Decimal, days: int) -> Dose:
    """The dose of a medicine for an animal of this species and weight over some days."""
    if species not in medicine.dose:
        raise Refused(f"{medicine.name} is not for {species}s")
    if days < 1:
        raise Refused("a therapy lasts a day at least")
    exact = medicine.dose[species] * kg / medicine.strength
    if medicine.form == "tablet":
        per_day = max(halves(exact), Decimal("0.5"))
    elif medicine.form == "ml":
        per_day = max(exact.quantize(Decimal("0.1"), ROUND_HALF_UP), Decimal("0.1"))
    else:
        per_day = Decimal(1)
    units = per_day if medicine.form in ("dose", "tube") else per_day * days
    return Dose(medicine.name, per_day, units, f"{per_day.normalize():f} {medicine.form} a day for {days} days")


class Medicines:
    """The catalogue; names are looked up so often that they are kept in memory."""

    def add(self, name: str, form: str, strength: Decimal | str, price: Decimal | str, dose: dict[str, Decimal | str], **more: object) -> Medicine:
        """Enters a medicine."""
        if form not in FORMS:
            raise Refused(f"no such form: {form}")
        if db().find("medicines", name=name):
            raise Refused(f"{name} is in the catalogue already")
        doses = {species: Decimal(mg) for species, mg in dose.items()}
        more["minimum"] = Decimal(str(more.get("minimum", 0)))
        medicine = Medicine("", name, form, Decimal(strength), money(price), doses, **more)  # type: ignore[arg-type]
        medicine = replace(medicine, id=db().insert("medicines", {**pack(medicine), "id": None}))
        journal.write("medicine.added", medicine=name)
        _by_name[name] = medicine
        return medicine

    def get(self, name: str) -> Medicine:
        if name not in _by_name:
            found = db().find("medicines", name=name)
            if not found:
                raise NotFound("medicine", name)
            _by_name[name] = unpack(Medicine, found[0])
        return _by_name[name]

    def names(self) -> list[str]:
        return sorted(each["name"] for each in db().find("medicines"))

    def reprice(self, name: str, price: Decimal | str) -> Medicine:
        """A new price for a unit."""
        medicine = replace(self.get(name), price=money(price))
        db().put("medicines", medicine.id, pack(medicine))
        journal.write("medicine.repriced", medicine=name, price=medicine.price)
        _by_name[name] = medicine
        return medicine

    def dose_for(self, name: str, animal_id: str, days: int) -> Dose:
        """The dose for a patient by its last weight, unless a warning speaks against it."""
        medicine, animal = self.get(name), Animals().living(animal_id)
        for warning in animal.warnings:
            if name.casefold() in warning.casefold() or any(word in warning for word in medicine.avoid):
                raise Refused(f"{animal.name}: {warning}")
        return reckon(medicine, animal.species, Weights().for_dose(animal_id), days)
