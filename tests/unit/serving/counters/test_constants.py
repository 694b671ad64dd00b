from math import inf
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from builders.counting import layout_of
from perennial_serving.counters.constants import ModelInfo, constant_lines

SERVED = ModelInfo("flight-delay", "flight-delay-1", "sha256:abc", "Compiled", "delays", "3f9c1a2b")


def edges_of(classes: str, **changes) -> dict[tuple[str, str], float]:
    """Return the upper ends by score and bin, as Prometheus reads them."""
    lines = constant_lines(SERVED, layout_of(classes, **changes).profile, 1.5)
    return {
        (sample.labels["score"], sample.labels["bin"]): sample.value
        for family in text_string_to_metric_families("\n".join((*lines, "")))
        for sample in family.samples
        if sample.name == "perennial_score_edge"
    }


def test_every_bin_of_a_score_has_its_upper_end():
    profile, edges = layout_of("two").profile, edges_of("two")
    for score, answers in (("prediction", profile.prediction), ("confidence", profile.confidence)):
        assert answers is not None
        ends = (*answers.edges, inf)
        assert {bin_: end for (of, bin_), end in edges.items() if of == score} == dict(
            zip(answers.bins, ends, strict=True)
        )


def test_a_score_that_a_model_does_not_have_has_no_edges():
    assert {score for score, _ in edges_of("three")} == {"confidence"}
    assert {score for score, _ in edges_of("none")} == {"prediction"}
    assert edges_of("three", probabilities=False) == {}


def test_every_constant_series_names_what_is_served_and_is_documented():
    lines = list(constant_lines(SERVED, layout_of().profile, 1.5))
    series = [line for line in lines if not line.startswith("#")]
    identity = 'deployment="delays",revision="3f9c1a2b",version="flight-delay-1"'
    assert [line for line in series if identity not in line] == []
    page = Path(__file__).resolve().parents[4] / "docs" / "reference" / "server-metrics.md"
    text = page.read_text()
    assert {
        line.partition("{")[0] for line in series if line.partition("{")[0] not in text
    } == set()


@pytest.mark.parametrize("edge", [1e300, -1e-300, 0.1 + 0.2])
def test_an_edge_is_exported_exactly(edge: float):
    profile = layout_of("none").profile
    assert profile.prediction is not None
    one = profile.prediction.model_copy(update={"edges": (edge,), "counts": (1, 1)})
    lines = constant_lines(SERVED, profile.model_copy(update={"prediction": one}), 1.5)
    (line,) = (
        line for line in lines if line.startswith("perennial_score_edge") and "Inf" not in line
    )
    assert float(line.rpartition(" ")[2]) == edge
