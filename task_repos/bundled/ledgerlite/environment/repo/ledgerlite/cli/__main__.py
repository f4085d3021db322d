"""Entry point of ``python -m ledgerlite.cli``."""

import sys

from ledgerlite.cli.main import main

sys.exit(main())
