"""What other people wrote to ask a model server or to run one, in environments of their own."""

from typing import Final

from harness.isolated import Environment
from harness.paths import ROOT

TRITONCLIENT: Final = Environment("tritonclient", ("tritonclient[http]==2.73.0",))
KSERVE: Final = Environment("kserve", ("kserve==0.21.0",))
MLSERVER: Final = Environment("mlserver", ("mlserver==1.7.1", "pandas<3"))
SCHEMATHESIS: Final = Environment("schemathesis", ("schemathesis==4.32.5",))
ASGI_SERVERS: Final = Environment(
    "asgi-servers",
    ("uvicorn==0.54.0", "granian==2.8.7"),
    requirements=ROOT / "serving/requirements.txt",
)
ALL: Final = (TRITONCLIENT, KSERVE, MLSERVER, SCHEMATHESIS, ASGI_SERVERS)


def ensure() -> None:
    """Make every environment that is not there: the network of the tests reaches no index."""
    for environment in ALL:
        environment.ensure()
