"""Readings of small weather stations: units, daily summaries, digests and alerts."""

from stationlog.alerts import Alert, RapidChange, watch
from stationlog.archive import load_summaries, save_summaries
from stationlog.calibration import Calibration, calibrate
from stationlog.digest import weekly_digest
from stationlog.observation import Observation
from stationlog.quantity import Quantity
from stationlog.summary import DaySummary, summarise
from stationlog.units import UnitError

__all__ = [
    "Alert",
    "Calibration",
    "DaySummary",
    "Observation",
    "Quantity",
    "RapidChange",
    "UnitError",
    "calibrate",
    "load_summaries",
    "save_summaries",
    "summarise",
    "watch",
    "weekly_digest",
]
