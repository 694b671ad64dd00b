from pathlib import Path

import pytest

from builders.counting import layout_of
from perennial_serving.counters.families import families


@pytest.mark.parametrize("classes", ["two", "three", "none"])
def test_every_value_has_one_place(classes: str):
    places = [
        series.index
        for family in families(layout_of(classes), ["older"])
        for series in family.series
        if series.suffix != "_count"
    ]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("classes", ["two", "three", "none"])
def test_every_metric_is_documented(classes: str):
    page = Path(__file__).resolve().parents[4] / "docs" / "reference" / "server-metrics.md"
    text = page.read_text()
    assert [one.name for one in families(layout_of(classes), []) if one.name not in text] == []


def test_a_model_without_a_time_column_has_no_delays():
    names = {family.name for family in families(layout_of(timed=False), [])}
    assert "perennial_time_delay_bin_total" not in names
    assert "perennial_feature_bin_total" in names


def test_older_versions_have_series_of_labels_alone():
    older = {
        family.name
        for family in families(layout_of("none"), ["older"])
        for series in family.series
        if series.version == "older"
    }
    assert older == {
        "perennial_feedback_bin_total",
        "perennial_feedback_error_total",
        "perennial_feedback_squared_error_total",
    }
