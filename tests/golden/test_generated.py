"""What is generated from the models stands in the repository, and nothing beside it."""

import re
from pathlib import Path

import pytest
import yaml

from perennial.api.kinds import KINDS
from perennial.generate import __main__ as generate

PAGES = sorted(generate.reference().items())


@pytest.mark.parametrize(
    "generator",
    [
        generate.crds,
        generate.crds_in_chart,
        generate.roles_in_chart,
        generate.values_of_chart,
        generate.reference,
        generate.health_and_actions,
        generate.plugin,
    ],
    ids=lambda generator: generator.__name__,
)
def test_the_files_are_up_to_date(generator):
    assert generate.differences(generate.ROOT, generator()) == ""


@pytest.mark.parametrize(
    ("folder", "generator"),
    [
        (generate.CRDS, generate.crds),
        (generate.CHART / "crds", generate.crds_in_chart),
        (generate.REFERENCE, generate.reference),
    ],
    ids=lambda value: str(value) if isinstance(value, Path) else "",
)
def test_no_file_of_a_kind_that_is_gone_is_left(folder, generator):
    files = (file for file in (generate.ROOT / folder).iterdir() if file.is_file())
    # pages written by hand may stand beside them
    generated = {file for file in files if generate.HEADER in file.read_text()}
    assert {file.relative_to(generate.ROOT) for file in generated} == set(generator())


def test_the_chart_installs_the_very_same_crds():
    for kind in KINDS:
        name = f"{kind.plural}.yaml"
        template = generate.crds_in_chart()[generate.CHART / "crds" / name]
        plain = "\n".join(
            line for line in template.splitlines() if not re.match(r"\s*\{\{-", line)
        ).replace("  annotations:\n    helm.sh/resource-policy: keep\n", "")
        assert yaml.safe_load(plain) == yaml.safe_load(generate.crds()[generate.CRDS / name])


@pytest.mark.parametrize(("path", "page"), PAGES, ids=lambda value: getattr(value, "stem", ""))
def test_every_link_of_the_reference_leads_to_a_heading(path, page):
    titles = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9-]", "", title.lower()) for title in titles}
    linked = set(re.findall(r"\(#([^)]+)\)", page))
    assert linked
    assert linked <= anchors


@pytest.mark.parametrize(("path", "page"), PAGES, ids=lambda value: getattr(value, "stem", ""))
def test_every_row_of_the_reference_has_four_cells(path, page):
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {5}
