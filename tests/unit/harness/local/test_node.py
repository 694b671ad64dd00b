import json
import tomllib

from harness.local import node, places


def test_containerd_uses_the_pause_image_that_the_harness_makes():
    configuration = tomllib.loads(node.configuration()["containerd.toml"])

    cri = configuration["plugins"]["io.containerd.grpc.v1.cri"]
    assert cri["sandbox_image"] == node.PAUSE
    assert configuration["grpc"]["address"] == str(places.SOCKET)


def test_the_kubelet_never_removes_images_and_keeps_its_groups_apart():
    kubelet = json.loads(node.configuration()["kubelet.json"])

    assert kubelet["imageGCHighThresholdPercent"] == 100
    assert kubelet["cgroupRoot"] == "/perennial"


def test_names_are_asked_for_at_the_service_that_leads_to_the_node():
    service, endpoints = json.loads(node.configuration()["dns.json"])["items"]

    kubelet = json.loads(node.configuration()["kubelet.json"])
    assert kubelet["clusterDNS"] == [service["spec"]["clusterIP"]]
    assert endpoints["endpoints"] == [{"addresses": [places.NODE_ADDRESS]}]
