"""A second Gateway, of one namespace, whose way to the API server can be cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness import fault_proxy
from harness.api import Manifest
from harness.cluster import Cluster
from harness.fault_proxy import FaultProxy
from harness.kubectl import Kubectl
from harness.servers import deploy, gateway

OF_THE_CLUSTER = ("GatewayClass", "ClusterRoleBinding")
"""Kinds that are in no namespace: the namespace owns them, so that they go with it."""
PROVIDER = "--providers.kubernetesgateway"


@dataclass(frozen=True)
class OwnGateway:
    """A Gateway, and the proxy between it and the API server."""

    address: str
    parent: dict[str, str]
    proxy: FaultProxy


@contextmanager
def running(cluster: Cluster, kubectl: Kubectl) -> Iterator[OwnGateway]:
    """Run the Gateway; it goes with the namespace."""
    with fault_proxy.listening(cluster.kubeconfig(), _node_address(kubectl)) as (proxy, url):
        objects = adapted(kubectl.get("Namespace", kubectl.namespace))
        (service,) = kubectl.apply(objects.pop("Service"))
        host, port = service["spec"]["clusterIP"], service["spec"]["ports"][0]["port"]
        direct(objects["Deployment"], host, url)
        kubectl.apply(objects.values())
        kubectl.wait_for("Deployment", "traefik", "Available")
        kubectl.wait_for("Gateway", gateway.NAME, "Programmed")
        yield OwnGateway(f"http://{host}:{port}", {"name": gateway.NAME}, proxy)
        proxy.is_silent = False


def adapted(namespace: Manifest) -> dict[str, Manifest]:
    """Return the objects of the cluster's Gateway as those of a namespace, by kind."""
    name = namespace["metadata"]["name"]
    owner = {"apiVersion": "v1", "kind": "Namespace", "name": name}
    owner["uid"] = namespace["metadata"]["uid"]
    objects = {each["kind"]: each for each in deploy.manifests((gateway.FILE,))}
    del objects["ClusterRole"]  # one is enough
    for kind, manifest in objects.items():
        metadata = manifest["metadata"]
        if kind in OF_THE_CLUSTER:
            metadata |= {"name": name, "ownerReferences": [owner]}
        else:
            metadata["namespace"] = name
    objects["ClusterRoleBinding"]["subjects"][0]["namespace"] = name
    objects["GatewayClass"]["metadata"]["labels"] = {"app": name}
    objects["Gateway"]["spec"]["gatewayClassName"] = name
    del objects["Service"]["spec"]["clusterIP"]
    return objects


def direct(deployment: Manifest, host: str, api_server: str) -> None:
    """Have a Traefik work for the GatewayClass of its namespace, at these addresses."""
    name = deployment["metadata"]["namespace"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    own = {
        f"{PROVIDER}.labelselector": f"app={name}",
        f"{PROVIDER}.statusaddress.ip": host,
        f"{PROVIDER}.endpoint": api_server,
    }
    general = [each for each in container["args"] if each.partition("=")[0] not in own]
    container["args"] = [*general, *("=".join(item) for item in own.items())]


def _node_address(kubectl: Kubectl) -> str:
    """Return the address of the node, which this process listens at and pods can reach."""
    (node,) = kubectl.all("Node")
    addresses = {each["type"]: each["address"] for each in node["status"]["addresses"]}
    return str(addresses["InternalIP"])
