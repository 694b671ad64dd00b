from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.exposition import generate_latest

from perennial.cluster.cache import Key
from perennial.controller.metrics import Metrics
from perennial.reconcile.queue import Queue

PROMISED = (
    "perennial_reconcile_total",
    "perennial_reconcile_errors_total",
    "perennial_reconcile_time_seconds",
    "perennial_workqueue_depth",
    "perennial_workqueue_retries_total",
    "perennial_workqueue_longest_running_processor_seconds",
    "perennial_api_requests_total",
    "perennial_leader",
    "perennial_relists_total",
    "perennial_ghosts_total",
    "perennial_apply_skipped_total",
    "perennial_event_lag_seconds",
    "perennial_heartbeat_timestamp_seconds",
)


@pytest.fixture
def queue():
    return Queue(lambda: 0.5)


@pytest.fixture
def metrics(queue):
    return Metrics(queue)


def test_every_documented_metric_is_exposed_from_the_start(metrics):
    text = generate_latest(metrics.registry).decode()
    assert [name for name in PROMISED if f"# TYPE {name} " not in text] == []


def test_the_help_text_of_every_metric_is_a_sentence(metrics):
    lines = generate_latest(metrics.registry).decode().splitlines()
    helps = [line for line in lines if line.startswith("# HELP perennial_")]
    assert all(line.endswith(".") for line in helps)


async def test_the_queue_is_read_at_each_scrape(metrics, queue):
    queue.add(Key("Dataset", "delays", "flights"))
    assert metrics.registry.get_sample_value("perennial_workqueue_depth") == 1


def test_the_lag_of_an_event_is_measured_from_its_latest_write(metrics):
    moment = datetime.now(UTC) - timedelta(seconds=3)
    fields = [{"time": "2026-01-01T00:00:00Z"}, {"time": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}, {}]
    metrics.record_lag({"metadata": {"managedFields": fields}})
    metrics.record_lag({"metadata": {}})
    assert 2 < metrics.registry.get_sample_value("perennial_event_lag_seconds_sum") < 6


def test_a_late_heartbeat_is_measured(metrics):
    metrics.beat(late=0.25)
    assert metrics.registry.get_sample_value("perennial_loop_lag_seconds") == 0.25
