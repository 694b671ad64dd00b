"""The operator's process with one small reconciler in place of the real ones."""

import sys

from doubles.operator_parts import TwoChildren
from perennial.controller.__main__ import start

if __name__ == "__main__":
    start(sys.argv[1:], lambda _configuration, cache, _clients: [TwoChildren(cache=cache)])
