import json

import yaml

from perennial.generate.chart_files import leaves, readme, schema_file, values_file
from perennial.generate.chart_values import Values


def test_the_values_file_says_what_the_model_says():
    written = yaml.safe_load(values_file("Generated."))
    assert written == Values().model_dump(mode="json", by_alias=True)


def test_every_value_stands_below_its_explanation():
    lines = values_file("Generated.").splitlines()
    named = {path.rpartition(".")[2] for path, _, _ in leaves()}
    values = [at for at, line in enumerate(lines) if line.strip().partition(":")[0] in named]
    assert len(values) >= len(list(leaves()))
    assert all("# -- " in lines[at - 1] for at in values)


def test_the_schema_knows_nothing_of_crds():
    assert "x-kubernetes" not in schema_file()
    assert json.loads(schema_file())["additionalProperties"] is False


def test_only_the_table_of_the_readme_is_written():
    before = "# Title\n<!-- values -->\nold\n<!-- end of values -->\nThe end.\n"
    after = readme(before)
    assert after.startswith("# Title\n")
    assert after.endswith("<!-- end of values -->\nThe end.\n")
    assert "| `replicas` | `2` |" in after
    assert readme(after) == after


def test_leaves_are_what_can_be_set():
    paths = [path for path, _, _ in leaves()]
    assert {"image", "images.serverSklearn", "pauses.drain", "stores"} <= set(paths)
    assert "pauses" not in paths
