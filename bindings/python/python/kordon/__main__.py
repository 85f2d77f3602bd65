"""`python -m kordon` is the command line."""

import signal
import sys

from ._kordon import run


def main() -> int:
    # The command does not come back to Python before it is done: let the system end it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
