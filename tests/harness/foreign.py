"""What other people wrote to ask a model server, each in an environment of its own."""

from typing import Final

from harness.isolated import Environment

TRITONCLIENT: Final = Environment("tritonclient", ("tritonclient[http]==2.73.0",))
KSERVE: Final = Environment("kserve", ("kserve==0.21.0",))
MLSERVER: Final = Environment("mlserver", ("mlserver==1.7.1", "pandas<3"))
SCHEMATHESIS: Final = Environment("schemathesis", ("schemathesis==4.32.5",))


def ensure() -> None:
    """Make every environment that is not there: the network of the tests reaches no index."""
    for environment in (TRITONCLIENT, KSERVE, MLSERVER, SCHEMATHESIS):
        environment.ensure()
