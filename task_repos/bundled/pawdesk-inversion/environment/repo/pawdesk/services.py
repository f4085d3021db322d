"""Services by name, made when they are first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pawdesk.errors import NotFound

PLACES = {
    "owners": "patients.owners:Owners",
    "animals": "patients.animals:Animals",
    "weights": "patients.weights:Weights",
    "vaccinations": "patients.vaccinations:Vaccinations",
    "records": "patients.records:Records",
    "medicines": "pharmacy.medicines:Medicines",
    "stock": "pharmacy.stock:Stock",
    "purchasing": "pharmacy.purchasing:Purchasing",
    "controlled": "pharmacy.controlled:ControlledBook",
    "labels": "pharmacy.labels:Labels",
    "rosters": "scheduling.rosters:Rosters",
    "rooms": "scheduling.rooms:Rooms",
    "appointments": "scheduling.appointments:Appointments",
    "waitlist": "scheduling.waitlist:Waitlist",
    "reminders": "scheduling.reminders:Reminders",
    "frontdesk": "scheduling.frontdesk:FrontDesk",
    "visits": "treatment.visits:Visits",
    "prescriptions": "treatment.prescriptions:Prescriptions",
    "lab": "treatment.lab:Lab",
    "imaging": "treatment.imaging:Imaging",
    "theatre": "treatment.theatre:Theatre",
    "ward": "treatment.ward:Ward",
    "prices": "billing.prices:Prices",
    "charges": "billing.charges:Charges",
    "balances": "billing.balances:Balances",
    "invoices": "billing.invoices:Invoices",
    "takings": "billing.takings:Takings",
    "insurance": "billing.insurance:Insurance",
    "dunning": "billing.dunning:Dunning",
    "plans": "billing.plans:Plans",
    "daysheet": "reporting.daysheet:DaySheet",
    "revenue": "reporting.revenue:Revenue",
    "stocklist": "reporting.stocklist:StockList",
    "exports": "reporting.exports:Exports",
}
_made: dict[str, Any] = {}


def names() -> list[str]:
    return list(PLACES)


def service(name: str) -> Any:
    """The service of a name."""
    if name not in PLACES:
        raise NotFound("service", name)
    if name not in _made:
        module, _, kind = PLACES[name].partition(":")
        _made[name] = getattr(import_module(f"pawdesk.{module}"), kind)()
    return _made[name]
