"""`python -m tollbook`."""

import sys

from tollbook.cli import main

sys.exit(main())
