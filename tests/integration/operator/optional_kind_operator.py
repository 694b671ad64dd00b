"""The small operator, for which PodDisruptionBudget is an optional kind."""

import sys

from perennial.cluster.resources import RESOURCES

RESOURCES["PodDisruptionBudget"] = RESOURCES["PodDisruptionBudget"]._replace(optional=True)

if __name__ == "__main__":
    from doubles.operator_parts import TwoChildren  # the table is read when modules load
    from perennial.controller.__main__ import start

    start(sys.argv[1:], lambda _configuration, cache, _clients: [TwoChildren(cache=cache)])
