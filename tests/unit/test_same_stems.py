"""A kind is one glob: its files have the same stem in every layer."""

from pathlib import Path

import pytest

from perennial.api.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
STEMS = [kind.stem for kind in KINDS]
LAYERS = (
    "operator/perennial/api/{stem}.py",
    "operator/perennial/planning/{stem}/plan.py",
    "operator/perennial/observing/{stem}.py",
    "tests/builders/{stem}.py",
    "tests/unit/api/test_{stem}.py",
    "tests/unit/planning/{stem}/test_plan.py",
    "tests/unit/observing/test_{stem}.py",
)
PAGES = ("docs/{stem}.md", "docs/reference/{stem}.md")


@pytest.mark.parametrize("layer", LAYERS)
def test_every_kind_is_in_the_layer(layer):
    paths = [ROOT / layer.format(stem=stem) for stem in STEMS]
    assert [path.name for path in paths if not path.exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_has_its_page(page):
    paths = [ROOT / page.format(stem=stem.replace("_", "-")) for stem in STEMS]
    assert [path.name for path in paths if not path.exists()] == []
