from harness.discovery import target


def pod(annotations, address="10.244.0.9"):
    metadata = {
        "namespace": "flights",
        "name": "server-1",
        "annotations": annotations,
        "labels": {"perennial.dev/name": "delay", "app": "x"},
    }
    return {"metadata": metadata, "status": {"podIP": address} if address else {}}


def test_a_pod_that_asks_is_scraped_where_it_says():
    asked = {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "9000",
        "prometheus.io/path": "/m",
    }

    assert target(pod(asked)) == {
        "targets": ["10.244.0.9:9000"],
        "labels": {
            "namespace": "flights",
            "pod": "server-1",
            "__metrics_path__": "/m",
            "perennial_dev_name": "delay",
        },
    }


def test_others_are_left_alone():
    assert target(pod({})) is None
    assert target(pod({"prometheus.io/scrape": "true"}, address="")) is None
