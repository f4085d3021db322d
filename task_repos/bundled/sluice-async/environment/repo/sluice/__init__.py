"""sluice: a gateway between the outstations of a water board and those who look after them."""

from sluice.clock import Clock, ManualClock, SystemClock
from sluice.errors import SluiceError
from sluice.gateway import Gateway, Held
from sluice.model.fleet import Fleet
from sluice.model.readings import Quality, Reading
from sluice.settings import Settings, load_settings

__version__ = "3.4.0"
__all__ = ["Clock", "Fleet", "Gateway", "Held", "ManualClock", "Quality", "Reading", "Settings", "SluiceError", "SystemClock", "load_settings"]
