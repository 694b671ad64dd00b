import pytest

from perennial.api.kinds import DATASET, MODEL, MODEL_DEPLOYMENT
from perennial.generate.reference import reference_page


@pytest.fixture(scope="module")
def page():
    return reference_page(DATASET, "Generated.")


def test_a_page_begins_with_the_kind_and_how_kubectl_calls_it(page):
    assert page.startswith("<!-- Generated. -->\n\n# Dataset\n\nThe contract for a table of data")
    assert "`kubectl get datasets` shows READY REASON ROWS TAKEN AGE." in page


def test_a_field_has_a_type_a_default_and_a_description(page):
    assert "| `keep` | integer, 1 to 50 | `10` | How many snapshots status remembers" in page
    assert "| `otherColumns` | `Infer`, `Ignore`, `Refuse` | `Infer` | What becomes of" in page


def test_a_required_field_says_so(page):
    assert "| `source` | [object](#specsource) | required | Where the rows come from. |" in page


def test_a_list_says_how_long_it_may_be(page):
    assert "| `columns` | list of [object](#speccolumns), at most 256 |" in page
    assert "### spec.columns[]\n" in page


def test_a_map_says_what_it_holds(page):
    assert "| `requests` | map to amount, at most 8 |" in page


def test_how_a_value_is_spelled_is_told_to_whoever_writes_it(page):
    assert "Write one number and one unit (s, m, h or d), such as 90s or 30d." in page
    spec, status = page.split("## status\n")
    assert "A name holds a-z" in spec
    assert "A name holds a-z" not in status


def test_rules_between_fields_stand_below_the_table(page):
    assert "Validation messages:\n\n- set exactly one of source.object and source.volume" in page


def test_short_names_are_told_where_there_are_some():
    assert "`modeldeployments`, `modeldeployment`, `mdeploy`;" in reference_page(
        MODEL_DEPLOYMENT, ""
    )
    assert "`models`, `model`;" in reference_page(MODEL, "")
