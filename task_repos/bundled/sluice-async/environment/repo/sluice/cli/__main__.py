"""``python -m sluice.cli CONFIG COMMAND ...``"""

import sys

from sluice.cli.main import main

sys.exit(main())
