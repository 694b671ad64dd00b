import pytest
import yaml

from harness.servers import deploy, images, prometheus, store


@pytest.fixture(scope="module")
def objects():
    return deploy.manifests()


def service(objects, name):
    (found,) = [
        each for each in objects if each["kind"] == "Service" and each["metadata"]["name"] == name
    ]
    return f"http://{found['spec']['clusterIP']}:{found['spec']['ports'][0]['port']}"


def test_clients_ask_at_the_addresses_of_the_services(objects):
    assert service(objects, "s3") == store.ENDPOINT
    assert service(objects, "prometheus") == prometheus.ADDRESS


def test_every_container_runs_an_image_that_is_built_here(objects):
    deployments = [each for each in objects if each["kind"] == "Deployment"]
    used = {
        container["image"]
        for each in deployments
        for container in each["spec"]["template"]["spec"]["containers"]
    }

    assert [each["metadata"]["name"] for each in deployments] == [*deploy.DEPLOYMENTS]
    assert used == {image.reference() for image in images.ALL}


def test_everything_stands_in_the_servers_namespace(objects):
    cluster_wide = {"Namespace", "ClusterRole", "ClusterRoleBinding"}
    namespaces = {
        each["metadata"]["namespace"] for each in objects if each["kind"] not in cluster_wide
    }

    assert namespaces == {store.NAMESPACE}


def test_prometheus_may_only_read_pods(objects):
    (role,) = [each for each in objects if each["kind"] == "ClusterRole"]

    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
    ]


def test_two_clusters_never_share_an_identity():
    first, second = store.new_credentials(), store.new_credentials()

    assert first["stringData"] != second["stringData"]


def test_prometheus_can_read_its_configuration(objects):
    (configuration,) = [each for each in objects if each["kind"] == "ConfigMap"]

    (job,) = yaml.safe_load(configuration["data"]["prometheus.yaml"])["scrape_configs"]
    assert job["kubernetes_sd_configs"] == [{"role": "pod"}]
