import time
from dataclasses import replace
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from builders.counting import counted
from perennial_serving.counters.constants import ModelInfo
from perennial_serving.counters.counters import Counters
from perennial_serving.counters.layout import LabelOutcome, Layout
from perennial_serving.counters.render import Exposition

SERVED = ModelInfo("flight-delay", "flight-delay-1", "sha256:abc", "Compiled")
DEPLOYED = replace(SERVED, deployment="delays", revision="3f9c1a2b4d")


def test_series_start_at_zero():
    values = counted().values()
    apart = {
        "perennial_model_info",
        "perennial_process_start_time_seconds",
        "perennial_score_edge",
    }
    others = {name: n for name, n in values.items() if name.partition("{")[0] not in apart}
    assert set(others.values()) == {0}
    assert 'perennial_requests_total{outcome="failed",code="500"}' in others
    assert 'perennial_feature_bin_total{feature="carrier",bin="unseen"}' in others


def test_prometheus_reads_every_family_once():
    here = counted("none", workers=2)
    here.counters.request(200, 1, 0.02)
    here.counters.flush()
    text = Exposition(here.layout, here.shared.memories, SERVED).text().decode()
    families = list(text_string_to_metric_families(text))
    names = [family.name for family in families]
    assert len(names) == len(set(names))
    assert all(family.documentation and family.type != "unknown" for family in families)
    samples = [sample for family in families for sample in family.samples]
    assert all(sample.labels["version"] == "flight-delay-1" for sample in samples)


def test_every_series_names_deployment_and_revision_where_they_are_known():
    here = counted("none")
    place = here.counters.older_version("older")
    assert place is not None
    text = Exposition(here.layout, here.shared.memories, DEPLOYED).text().decode()
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    assert {(s.labels["deployment"], s.labels["revision"]) for s in samples} == {
        ("delays", "3f9c1a2b4d")
    }
    assert {s.labels["version"] for s in samples} == {"flight-delay-1", "older"}
    by_hand = Exposition(here.layout, here.shared.memories, SERVED).text().decode()
    assert "deployment=" not in by_hand
    assert "revision=" not in by_hand


def test_deaths_of_all_workers_are_added_up():
    here = counted(workers=2)
    assert here.values()["perennial_worker_deaths_total"] == 0
    for memory in here.shared.memories:
        memory.count_death()
    assert here.values()["perennial_worker_deaths_total"] == 2


def test_what_is_served_is_named():
    text = Exposition(counted().layout, counted().shared.memories, SERVED).text().decode()
    labels = 'model="flight-delay",version="flight-delay-1",digest="sha256:abc",tier="Compiled"'
    assert f"perennial_model_info{{{labels}}} 1\n" in text


def test_names_of_columns_and_classes_may_hold_anything():
    here = counted()
    number = here.layout.profile.numbers[0].model_copy(update={"name": 'a "b"\\ 100 %d'})
    profile = here.layout.profile.model_copy(
        update={"numbers": (number, *here.layout.profile.numbers[1:])}
    )
    layout = Layout.of(here.layout.schema, profile)
    text = Exposition(layout, here.shared.memories, SERVED).text().decode()
    found = {
        sample.labels.get("feature")
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert 'a "b"\\ 100 %d' in found


def test_workers_may_have_met_older_versions_in_another_order():
    here = counted(workers=2)
    other = Counters(here.layout, here.shared, 1)
    for counters, names in ((here.counters, ("a", "b")), (other, ("b", "c"))):
        for name in names:
            place = counters.older_version(name)
            assert place is not None
            counters.label(LabelOutcome.COUNTED, place, 4, 1, 0.0)
        counters.flush()
    values = here.values()
    line = 'perennial_feedback_bin_total{{version="{}",bin="5",label="true"}}'
    assert [values[line.format(name)] for name in "abc"] == [1, 2, 1]


def test_the_deaths_of_workers_are_documented():
    page = Path(__file__).resolve().parents[4] / "docs" / "reference" / "server-metrics.md"
    assert "`perennial_worker_deaths_total`" in page.read_text()


def test_a_scrape_takes_a_moment():
    here = counted(workers=4)
    exposition = Exposition(here.layout, here.shared.memories, SERVED)
    fastest = min(_seconds(exposition) for _ in range(20))
    assert fastest < 0.002


def _seconds(exposition: Exposition) -> float:
    start = time.perf_counter()
    exposition.text()
    return time.perf_counter() - start
