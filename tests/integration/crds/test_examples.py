"""Every example is taken as it stands, and the server's defaults are those of the models."""

import pytest

from builders.examples import FOLDER, documents
from integration.crds.admission import admitted
from perennial.api.kinds import KINDS

pytestmark = pytest.mark.integration

SPECS = {kind.name: kind.spec for kind in KINDS}
EXAMPLES = [
    pytest.param(manifest, id=f"{file.stem}-{manifest['kind']}")
    for file in sorted(FOLDER.iterdir())
    for manifest in documents(file.name)
]


def lost(sent, stored, path=""):
    """Yield the paths of what was sent and is not stored as it was."""
    if isinstance(sent, dict) and isinstance(stored, dict):
        for name, value in sent.items():
            yield from lost(value, stored.get(name), f"{path}.{name}")
    elif isinstance(sent, list) and isinstance(stored, list) and len(sent) == len(stored):
        for number, pair in enumerate(zip(sent, stored, strict=True)):
            yield from lost(*pair, f"{path}[{number}]")
    elif sent != stored:
        yield path


@pytest.mark.parametrize("manifest", EXAMPLES)
def test_an_example_is_taken_and_nothing_of_it_is_lost(manifest, place):
    stored = admitted(place, manifest)
    assert list(lost(manifest["spec"], stored["spec"])) == []


@pytest.mark.parametrize("manifest", EXAMPLES)
def test_the_servers_defaults_are_those_of_the_model(manifest, place):
    spec = SPECS[manifest["kind"]]
    stored = admitted(place, manifest)["spec"]
    assert spec.model_validate(stored) == spec.model_validate(manifest["spec"])
