"""`python -m sandbox demo`: the whole service and its outside world on this machine; `… city DIR`: a city's files."""

import sys

from sandbox import city
from sandbox.demo.command import main

if __name__ == "__main__":
    sys.exit(city.main(sys.argv[2:]) if sys.argv[1:2] == ["city"] else main(sys.argv[1:]))
