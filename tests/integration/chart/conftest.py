from pathlib import Path

import pytest
import yaml

from harness import programs, tools
from harness.chart import CHART

STORES = {"default": {"bucket": "models", "secretName": "perennial-store"}}


class Rendered(list):
    """The objects of one render."""

    def of(self, kind, name=None):
        """Return the one object of a kind (and name)."""
        found = [
            each
            for each in self
            if each["kind"] == kind and name in (None, each["metadata"]["name"])
        ]
        assert len(found) == 1, f"{len(found)} {kind} {name or ''}"
        return found[0]

    @property
    def pod(self):
        """Return the operator's pod."""
        return self.of("Deployment")["spec"]["template"]

    @property
    def configuration(self):
        """Return the operator's configuration."""
        return yaml.safe_load(self.of("ConfigMap")["data"]["configuration.yaml"])


class Chart:
    """The chart, as Helm reads it."""

    stores = STORES

    def text(self, values=None):
        """Return the render of some values as text."""
        return self._helm("template", values)

    def render(self, values=None):
        """Return the objects of a render."""
        return Rendered(each for each in yaml.safe_load_all(self.text(values)) if each)

    def notes(self, values=None):
        """Return what an installation says at its end."""
        return self._helm("install", values, "--dry-run=client").partition("NOTES:")[2]

    def _helm(self, verb, values, *options):
        chosen = yaml.safe_dump({"stores": STORES, **(values or {})}).encode()
        words = ["perennial", CHART, "--namespace=perennial-system", "--values=-"]
        return programs.run([tools.HELM.path, verb, *words, *options], stdin=chosen)


@pytest.fixture(scope="session")
def chart():
    tools.ensure()
    return Chart()


@pytest.fixture
def golden(request):
    """Compare a text with the file of this name, or write that with --update-golden."""

    def compare(name, text):
        file = Path(request.path).parent / "renders" / name
        if request.config.getoption("--update-golden", default=False):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        assert file.read_text() == text

    return compare
