"""What the tests and the demo rely on: a real cluster with real servers beside it."""

import socket
import time

import httpx
import pytest
from botocore.exceptions import ClientError

from harness import images
from harness.api import RefusedError
from harness.servers import gateway, prometheus
from harness.team import eventually

pytestmark = pytest.mark.integration

OPEN = "the node of kind has the way out that the container engine gives it"
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod_spec(script, **more):
    container = {
        "name": "main",
        "image": images.references().operator,
        "command": ["python", "-c", script],
        "securityContext": RESTRICTED,
        **more,
    }
    return {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [container]}


def job(script):
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "script"},
        "spec": {"backoffLimit": 0, "template": {"spec": pod_spec(script)}},
    }


def web(kubectl):
    """Start a web server behind a Service of its name, and wait until it answers."""
    probe = {"tcpSocket": {"port": 8080}, "periodSeconds": 1}
    labels = {"app": "web", "perennial.dev/name": "web"}
    scraped = {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"}
    metadata = {"name": "web", "labels": labels, "annotations": scraped}
    spec = pod_spec(SERVER, readinessProbe=probe)
    ports = [{"port": 80, "targetPort": 8080}]
    kubectl.apply(
        [
            {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec},
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "web"},
                "spec": {"selector": {"app": "web"}, "ports": ports},
            },
        ]
    )
    kubectl.wait_for("Pod", "web", "Ready", seconds=30)


SERVER = """
from prometheus_client import Counter, start_http_server
Counter("visits", "Visits").inc(42)
start_http_server(8080)[1].join()
"""

ASK_BY_NAME = """
import time, urllib.request
for attempt in range(50):
    try:
        print(urllib.request.urlopen("http://web/metrics", timeout=2).status)
        break
    except OSError:
        time.sleep(0.2)
"""

TRY_TO_LEAVE = """
import socket
for address in (("192.0.2.1", 443), ("2001:db8::1", 443), ("example.org", 80)):
    try:
        socket.create_connection(address, timeout=1)
        print("left to", address)
    except OSError as error:
        print("stayed:", error)
"""


def output_of(kubectl, script):
    kubectl.apply(job(script))
    kubectl.wait_for("Job", "script", "Complete", seconds=60)
    (pod,) = kubectl.all("Pod", labels="job-name=script")
    return kubectl.logs(pod["metadata"]["name"])


def test_a_pod_finds_a_service_by_its_name(namespace):
    web(namespace)

    assert output_of(namespace, ASK_BY_NAME) == "200\n"


def test_a_test_reaches_a_service(namespace, address):
    web(namespace)

    url = address("web")
    assert "visits_total 42.0" in httpx.get(f"{url}/metrics", trust_env=False).text


def test_a_route_leads_through_the_gateway_to_a_service(namespace):
    web(namespace)
    host = f"{namespace.namespace}.example.com"

    namespace.apply(
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": "web"},
            "spec": {
                "parentRefs": [gateway.PARENT],
                "hostnames": [host],
                "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
            },
        }
    )

    def metrics():
        return httpx.get(f"{gateway.ADDRESS}/metrics", headers={"host": host}, trust_env=False)

    eventually(lambda: "visits_total 42.0" in metrics().text, "the Gateway uses the route", 10)


def test_no_pod_reaches_an_address_outside(cluster, namespace):
    if not cluster.is_isolated():
        pytest.skip(OPEN)
    output = output_of(namespace, TRY_TO_LEAVE).splitlines()

    assert [line.split(":")[0] for line in output] == ["stayed"] * 3


def test_the_test_itself_reaches_no_address_outside(cluster):
    if not cluster.is_isolated():
        pytest.skip(OPEN)
    with pytest.raises(OSError, match=r"timed out|No route to host|unreachable"):
        socket.create_connection(("192.0.2.1", 443), timeout=0.5)


def test_deleting_a_job_deletes_its_pods(namespace):
    namespace.apply(job("import time; time.sleep(600)"))
    namespace.wait_for("Job", "script", lambda seen: seen["status"].get("active"))

    namespace.delete("Job", "script")

    namespace.wait_gone("Job", "script")
    (pod,) = namespace.all("Pod") or [None]
    if pod:
        namespace.wait_gone("Pod", pod["metadata"]["name"])


def test_a_namespace_rejects_pods_that_are_not_restricted(namespace):
    spec = {"containers": [{"name": "main", "image": "x", "securityContext": {"privileged": True}}]}

    with pytest.raises(RefusedError, match="violates PodSecurity"):
        namespace.create(
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
        )


def test_prometheus_scrapes_pods_that_ask_for_it(namespace, cluster):
    web(namespace)
    query = f'visits_total{{namespace="{namespace.namespace}",perennial_dev_name="web"}}'

    assert value_in_prometheus(query, seconds=60) == 42


def value_in_prometheus(query, seconds):
    deadline = time.monotonic() + seconds
    while (found := prometheus.value(query)) is None and time.monotonic() < deadline:
        time.sleep(0.5)
    return found


def test_a_conditional_put_never_overwrites_an_object(bucket):
    key = f"tests/{time.time_ns()}"
    put = {"Bucket": bucket.store.bucket, "Key": key, "IfNoneMatch": "*"}
    bucket.client.put_object(Body=b"first", **put)

    with pytest.raises(ClientError, match="PreconditionFailed"):
        bucket.client.put_object(Body=b"second", **put)
    assert bucket.get(key) == b"first"
    bucket.delete([key])


def test_a_namespace_with_the_store_holds_its_credentials(with_store):
    secret = with_store.get("Secret", "perennial-store")

    assert set(secret["data"]) == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
