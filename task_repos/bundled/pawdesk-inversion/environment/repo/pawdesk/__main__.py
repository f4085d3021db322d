"""`python -m pawdesk`."""

import sys

from pawdesk.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
