"""`python -m sandbox demo`: the whole service and its outside world on this machine."""

import sys

from sandbox.demo.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
