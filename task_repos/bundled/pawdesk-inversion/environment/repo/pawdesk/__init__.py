"""pawdesk: the desk of a veterinary practice."""

from pawdesk.errors import PawdeskError
from pawdesk.infra.config import Settings
from pawdesk.practice import Practice, open_practice

__version__ = "2.3.0"
__all__ = ["PawdeskError", "Practice", "Settings", "__version__", "open_practice"]
