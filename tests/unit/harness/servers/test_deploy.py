import pytest
import yaml

from harness.servers import deploy, gateway, images, prometheus, store


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
    assert service(objects, "traefik") == gateway.ADDRESS


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
    cluster_wide = {"Namespace", "ClusterRole", "ClusterRoleBinding", "GatewayClass"}
    namespaces = {
        each["metadata"]["namespace"] for each in objects if each["kind"] not in cluster_wide
    }

    assert namespaces == {store.NAMESPACE}


def role(objects, name):
    (found,) = [
        each
        for each in objects
        if each["kind"] == "ClusterRole" and each["metadata"]["name"] == f"perennial-{name}"
    ]
    return found["rules"]


def test_prometheus_may_only_read_pods(objects):
    assert role(objects, "prometheus") == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
    ]


def test_traefik_writes_nothing_but_the_status_of_gateways_and_routes(objects):
    written = {
        resource
        for rule in role(objects, "traefik")
        if not set(rule["verbs"]) <= {"list", "watch"}
        for resource in rule["resources"]
    }

    assert written == {"gatewayclasses/status", "gateways/status", "httproutes/status"}


def kind(objects, name):
    (found,) = [each for each in objects if each["kind"] == name]
    return found


def test_the_gateway_takes_routes_of_every_namespace_at_the_port_of_its_service(objects):
    public = kind(objects, "Gateway")
    (listener,) = public["spec"]["listeners"]

    assert {key: public["metadata"][key] for key in gateway.PARENT} == gateway.PARENT
    assert listener["allowedRoutes"] == {"namespaces": {"from": "All"}}
    assert gateway.ADDRESS.endswith(f":{listener['port']}")
    assert public["spec"]["gatewayClassName"] == kind(objects, "GatewayClass")["metadata"]["name"]


def test_the_status_of_the_gateway_names_the_address_of_its_service(objects):
    (traefik,) = [each for each in objects if is_deployment_of(each, "traefik")]
    (container,) = traefik["spec"]["template"]["spec"]["containers"]
    (address,) = [each for each in container["args"] if "statusaddress" in each]

    assert f"http://{address.partition('=')[2]}:8000" == gateway.ADDRESS


def is_deployment_of(manifest, name):
    return (manifest["kind"], manifest["metadata"]["name"]) == ("Deployment", name)


def test_two_clusters_never_share_an_identity():
    first, second = store.new_credentials(), store.new_credentials()

    assert first["stringData"] != second["stringData"]


def test_prometheus_can_read_its_configuration(objects):
    (configuration,) = [each for each in objects if each["kind"] == "ConfigMap"]

    (job,) = yaml.safe_load(configuration["data"]["prometheus.yaml"])["scrape_configs"]
    assert job["kubernetes_sd_configs"] == [{"role": "pod"}]
