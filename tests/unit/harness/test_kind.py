import pytest
import yaml

from harness import kind
from harness.images import OPERATOR
from harness.programs import HarnessError


def test_the_cluster_is_created_from_the_file_at_the_root():
    argv = kind.creation()

    assert argv[:5] == ["kind", "create", "cluster", "--name", "perennial"]
    assert argv[argv.index("--config") + 1] == str(kind.CONFIG)
    assert argv[argv.index("--kubeconfig") + 1] == str(kind.kubeconfig())


def test_the_file_at_the_root_names_the_same_cluster():
    content = yaml.safe_load(kind.CONFIG.read_text())

    assert content["name"] == kind.NAME
    assert f"{content['name']}-{content['nodes'][0]['role']}" == kind.NODE


def test_an_image_is_built_from_its_dockerfile_on_the_public_base(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")

    argv = kind.building(OPERATOR, "localhost/perennial-operator:1")

    assert argv[:2] == ["docker", "build"]
    assert argv[argv.index("--file") + 1].endswith("operator/Dockerfile")
    assert argv[argv.index("--target") + 1] == "operator"
    assert argv[argv.index("--tag") + 1] == "localhost/perennial-operator:1"
    assert "--build-arg=PIP_INDEX_URL=https://packages.example/simple" in argv
    assert not any("BASE=" in word for word in argv)


def test_an_image_is_loaded_into_this_cluster():
    reference = "localhost/perennial-job:1"

    expected = ["kind", "load", "docker-image", "--name", "perennial", reference]
    assert kind.loading(reference) == expected


def test_missing_programs_are_named_with_the_way_to_get_them():
    assert kind.missing_programs(["kubectl"]) == (
        "a container engine answers, but missing: kind (go install sigs.k8s.io/kind@latest)"
    )


def test_nothing_is_said_when_nothing_is_missing():
    assert kind.missing_programs(["kind", "kubectl"]) == ""


def test_servers_bind_to_the_address_by_which_nodes_know_the_machine():
    networks = [
        {"IPAM": {"Config": [{"Gateway": "fc00:f853::1"}, {"Gateway": "172.18.0.1"}]}},
    ]

    assert kind.gateway(networks) == "172.18.0.1"


def test_a_network_without_such_an_address_is_an_error_that_says_where_to_look():
    with pytest.raises(HarnessError, match="docker network inspect kind"):
        kind.gateway([{"IPAM": {"Config": []}}])
