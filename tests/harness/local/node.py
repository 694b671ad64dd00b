"""The node: containerd, the kubelet, the proxy of Services, and the cluster's DNS."""

import json
from typing import Any

from harness.local import control_plane, places
from harness.local.control_plane import KUBERNETES
from harness.local.daemons import daemon
from harness.processes import Daemon

PAUSE = "localhost/perennial-pause:1"
POD_NETWORK = "perennial-pods"
DNS_READY_AT = "127.0.0.1:8181"
DNS_READY = f"http://{DNS_READY_AT}/ready"


def containerd() -> Daemon:
    """Return the container runtime; its images outlive the cluster."""
    return daemon("containerd", "containerd", "--config", places.state() / "containerd.toml")


def kubelet() -> Daemon:
    """Return the agent that runs pods."""
    return daemon(
        "kubelet",
        KUBERNETES.path,
        "kubelet",
        f"--kubeconfig={places.kubeconfig('kubelet')}",
        f"--config={places.state() / 'kubelet.json'}",
        f"--node-ip={places.NODE_ADDRESS}",
        f"--hostname-override={places.NODE}",
        f"--root-dir={places.state() / 'kubelet'}",
    )


def proxy() -> Daemon:
    """Return what makes ClusterIPs reachable; the machine's own limits stay as they are."""
    return daemon(
        "proxy",
        KUBERNETES.path,
        "kube-proxy",
        f"--kubeconfig={places.kubeconfig('proxy')}",
        f"--hostname-override={places.NODE}",
        "--proxy-mode=iptables",
        f"--cluster-cidr={places.POD_RANGE}",
        "--conntrack-max-per-core=0",
        "--conntrack-tcp-timeout-established=0",
        "--conntrack-tcp-timeout-close-wait=0",
        "--iptables-min-sync-period=100ms",
    )


def dns() -> Daemon:
    """Return the cluster's DNS, which runs on the node itself."""
    program = KUBERNETES.folder / "coredns"
    return daemon("dns", program, "-conf", places.state() / "Corefile")


def configuration() -> dict[str, str]:
    """Return the files that the daemons read, by their path under the state folder."""
    return {
        "containerd.toml": _containerd(),
        "network/10-pods.conflist": json.dumps(_pod_network()),
        "kubelet.json": json.dumps(_kubelet()),
        "resolv.conf": "nameserver 127.0.0.53\n",
        "Corefile": COREFILE.format(
            address=places.NODE_ADDRESS,
            ready=DNS_READY_AT,
            kubeconfig=places.kubeconfig(),
        ),
        "dns.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": _dns_objects()}),
    }


def _containerd() -> str:
    return CONTAINERD.format(
        root=places.images(),
        run=places.RUN / "containerd",
        socket=places.SOCKET,
        pause=PAUSE,
        network=places.state() / "network",
    )


# Without CAP_SYS_RESOURCE every sandbox dies unless scores of the OOM killer are left alone.
CONTAINERD = """
version = 2
root = "{root}"
state = "{run}"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp",
]
[grpc]
  address = "{socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{network}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
"""


def _pod_network() -> dict[str, Any]:
    """Route each pod on a link of its own: on a bridge, Services need one more kernel module."""
    addresses = {
        "type": "host-local",
        "dataDir": str(places.state() / "addresses"),
        "ranges": [[{"subnet": places.NODE_POD_RANGE}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    link = {"type": "ptp", "ipMasq": False, "ipam": addresses}
    return {"cniVersion": "0.4.0", "name": POD_NETWORK, "plugins": [link]}


def _kubelet() -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{places.NAME}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "authentication": {
            "x509": {"clientCAFile": str(control_plane.keys() / "ca.crt")},
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
        },
        "authorization": {"mode": "Webhook"},
        "clusterDNS": [places.DNS_SERVICE],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{places.SOCKET}",
        "tlsCertFile": str(control_plane.keys() / "kubelet.crt"),
        "tlsPrivateKeyFile": str(control_plane.keys() / "kubelet.key"),
        "resolvConf": str(places.state() / "resolv.conf"),
        "maxPods": 200,
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        "imageGCHighThresholdPercent": 100,  # 100 turns the collection of images off
        "registryPullQPS": 0,
        "serializeImagePulls": False,
        "kubeAPIQPS": 200,
        "kubeAPIBurst": 400,
    }


COREFILE = """
.:53 {{
    bind {address}
    errors
    ready {ready}
    kubernetes cluster.local in-addr.arpa {{
        kubeconfig {kubeconfig}
        fallthrough
    }}
    template ANY ANY . {{
        rcode NXDOMAIN
    }}
    cache 5
}}
"""


def _dns_objects() -> list[dict[str, Any]]:
    """Return the Service of DNS, and by hand the slice that leads to the node."""
    metadata = {"name": "kube-dns", "namespace": "kube-system"}
    ports = [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
    ]
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"clusterIP": places.DNS_SERVICE, "ports": ports},
    }
    endpoints = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {**metadata, "labels": {"kubernetes.io/service-name": "kube-dns"}},
        "addressType": "IPv4",
        "ports": ports,
        "endpoints": [{"addresses": [places.NODE_ADDRESS]}],
    }
    return [service, endpoints]
