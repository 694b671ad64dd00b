import yaml

from harness.kind import cluster, places
from harness.local import places as local


def test_the_cluster_is_created_from_the_file_at_the_root_with_a_pinned_node():
    words = cluster.creation(places.PUBLISHED)

    assert words[:4] == ["create", "cluster", "--name", "perennial"]
    assert words[words.index("--config") + 1] == str(places.CONFIG)
    assert words[words.index("--kubeconfig") + 1] == str(cluster.machine_kubeconfig())
    assert "@sha256:" in words[words.index("--image") + 1]


def test_the_file_at_the_root_names_the_same_cluster_and_addresses():
    content = yaml.safe_load(places.CONFIG.read_text())

    assert content["name"] == places.NAME
    assert f"{content['name']}-{content['nodes'][0]['role']}" == places.NODE
    ranges = {"podSubnet": places.POD_RANGE, "serviceSubnet": places.SERVICE_RANGE}
    assert content["networking"] == ranges


def test_a_process_in_the_node_asks_the_api_server_there():
    outside = {"clusters": [{"cluster": {"server": "https://127.0.0.1:40123"}, "name": "kind"}]}

    inside = yaml.safe_load(cluster.for_the_node(yaml.safe_dump(outside)))

    assert inside["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:6443"


def test_both_kinds_of_cluster_have_the_same_ranges():
    assert (places.POD_RANGE, places.SERVICE_RANGE) == (local.POD_RANGE, local.SERVICE_RANGE)
