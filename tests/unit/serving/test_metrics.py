import pytest

from perennial_serving.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("flight-delay", "flight-delay-1", "sha256:abc", started=1000.0)


def lines(metrics: Metrics) -> list[str]:
    return metrics.exposition("")[0].decode().splitlines()


def test_series_start_at_zero(metrics: Metrics):
    assert 'perennial_requests_total{code="200",outcome="answered"} 0.0' in lines(metrics)
    assert 'perennial_requests_total{code="500",outcome="failed"} 0.0' in lines(metrics)
    assert "perennial_rows_total 0.0" in lines(metrics)


def test_the_served_model_is_named(metrics: Metrics):
    labels = 'digest="sha256:abc",model="flight-delay",version="flight-delay-1"'
    assert f"perennial_model_info{{{labels}}} 1.0" in lines(metrics)
    assert "perennial_process_start_time_seconds 1000.0" in lines(metrics)


def test_a_request_is_counted_with_its_rows_and_its_time(metrics: Metrics):
    metrics.count(200, rows=3, seconds=0.004)
    metrics.count(413, rows=0, seconds=0.0)
    assert 'perennial_requests_total{code="413",outcome="refused"} 1.0' in lines(metrics)
    assert "perennial_rows_total 3.0" in lines(metrics)
    assert 'perennial_request_seconds_bucket{le="0.005"} 2.0' in lines(metrics)


def test_a_scraper_may_ask_for_openmetrics(metrics: Metrics):
    body, content_type = metrics.exposition("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")
