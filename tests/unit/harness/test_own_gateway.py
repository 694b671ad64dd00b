from harness import own_gateway
from harness.servers import deploy, gateway

NAMESPACE = {"kind": "Namespace", "metadata": {"name": "test-1", "uid": "its-uid"}}


def test_everything_of_a_second_gateway_goes_with_its_namespace():
    for kind, manifest in own_gateway.adapted(NAMESPACE).items():
        metadata = manifest["metadata"]
        owners = [owner["uid"] for owner in metadata.get("ownerReferences", ())]
        assert (kind, metadata.get("namespace")) == (kind, "test-1") or owners == ["its-uid"]


def test_each_traefik_works_for_its_own_class_alone():
    (common,) = [
        each for each in deploy.manifests((gateway.FILE,)) if each["kind"] == "GatewayClass"
    ]
    own = own_gateway.adapted(NAMESPACE)

    assert own["GatewayClass"]["metadata"]["name"] != common["metadata"]["name"]
    assert own["GatewayClass"]["metadata"]["labels"] != common["metadata"]["labels"]
    assert own["Gateway"]["spec"]["gatewayClassName"] == "test-1"


def test_a_second_traefik_reaches_the_api_server_through_the_proxy():
    deployment = own_gateway.adapted(NAMESPACE)["Deployment"]
    own_gateway.direct(deployment, "10.96.1.2", "http://10.200.0.2:40000")

    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    chosen = dict(each.partition("=")[::2] for each in container["args"])
    assert len(chosen) == len(container["args"])
    assert chosen["--providers.kubernetesgateway.endpoint"] == "http://10.200.0.2:40000"
    assert chosen["--providers.kubernetesgateway.labelselector"] == "app=test-1"
    assert chosen["--providers.kubernetesgateway.statusaddress.ip"] == "10.96.1.2"
