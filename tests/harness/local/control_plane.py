"""etcd, the API server, the controllers and the scheduler."""

from pathlib import Path

from harness import golang, paths, programs, tools
from harness.local import network, places
from harness.local.daemons import daemon
from harness.processes import Daemon

VERSION = "1.35.4"
_MAJOR, _MINOR, _ = VERSION.split(".")
_STAMP = {"gitVersion": f"v{VERSION}", "gitMajor": _MAJOR, "gitMinor": _MINOR}

KUBERNETES = golang.Program(
    "testcluster",
    paths.HARNESS / "cluster",
    link=" ".join(
        ["-s -w", *(f"-X k8s.io/component-base/version.{k}={v}" for k, v in _STAMP.items())]
    ),
    minutes=5,
)
LINKS = ("coredns",)

ETCD = "http://127.0.0.1:2379"
MANY_REQUESTS = ("--kube-api-qps=200", "--kube-api-burst=400")


def kubectl() -> list[str]:
    """Return kubectl as the cluster's administrator, without what comes after it."""
    return [str(tools.KUBECTL.path), "--kubeconfig", str(places.kubeconfig())]


def api_is_ready() -> bool:
    """Tell whether the API server says that it is ready."""
    return programs.succeeds([*network.inside(kubectl()), "get", "--raw", "/readyz"])


def keys() -> Path:
    """Return the folder of certificates and keys."""
    return places.state() / "keys"


def etcd() -> Daemon:
    """Return the store; it need not survive a power cut, so it does not wait for the disk."""
    return daemon(
        "etcd",
        KUBERNETES.path,
        "etcd",
        f"--data-dir={places.state() / 'etcd'}",
        f"--listen-client-urls={ETCD}",
        f"--advertise-client-urls={ETCD}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--unsafe-no-fsync",
        "--log-level=warn",
    )


def api_server() -> Daemon:
    """Return the API server, with the admission plugins that it has by default and nodes' own."""
    return daemon(
        "api-server",
        KUBERNETES.path,
        "kube-apiserver",
        f"--etcd-servers={ETCD}",
        f"--service-cluster-ip-range={places.SERVICE_RANGE}",
        f"--advertise-address={places.NODE_ADDRESS}",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={keys() / 'tokens.pub'}",
        f"--service-account-signing-key-file={keys() / 'tokens.key'}",
        f"--tls-cert-file={keys() / 'apiserver.crt'}",
        f"--tls-private-key-file={keys() / 'apiserver.key'}",
        f"--client-ca-file={keys() / 'ca.crt'}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged",
        f"--kubelet-client-certificate={keys() / 'apiserver-kubelet-client.crt'}",
        f"--kubelet-client-key={keys() / 'apiserver-kubelet-client.key'}",
        "--kubelet-preferred-address-types=InternalIP",
    )


def controllers() -> Daemon:
    """Return the controllers of Jobs, Deployments, garbage, namespaces and all the others."""
    return daemon(
        "controllers",
        KUBERNETES.path,
        "kube-controller-manager",
        f"--kubeconfig={places.kubeconfig('controllers')}",
        f"--service-account-private-key-file={keys() / 'tokens.key'}",
        f"--root-ca-file={keys() / 'ca.crt'}",
        "--use-service-account-credentials",
        "--leader-elect=false",
        *MANY_REQUESTS,
    )


def scheduler() -> Daemon:
    """Return the scheduler."""
    return daemon(
        "scheduler",
        KUBERNETES.path,
        "kube-scheduler",
        f"--kubeconfig={places.kubeconfig('scheduler')}",
        "--leader-elect=false",
        *MANY_REQUESTS,
    )
