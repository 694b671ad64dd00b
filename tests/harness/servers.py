"""Real servers beside the cluster, reachable from its pods: an S3 API and Prometheus."""

import json
import secrets
import shutil
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx
import yaml

from harness import paths, programs

PROMETHEUS_PORT = 9090
S3_PORT = 8333
PORTS = {"s3": S3_PORT, "master": 9433, "volume": 9434, "filer": 9435}  # leaves 8080 to the tests
GRPC = 10_000  # from a port to the one beside it
BUCKET = "perennial"
REGION = "us-east-1"
CREDENTIALS = "perennial-store"  # holds the credentials in each namespace that uses the store


@dataclass(frozen=True)
class Store:
    """The object store of this cluster, and the only identity that it knows."""

    endpoint: str
    bucket: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True)
class Site:
    """Where the servers run: an address that pods reach, and a folder for what they keep."""

    address: str
    folder: Path
    kubeconfig: Path

    @property
    def prometheus(self) -> str:
        """The base URL of Prometheus."""
        return f"http://{self.address}:{PROMETHEUS_PORT}"

    @property
    def s3(self) -> str:
        """The base URL of the S3 API."""
        return f"http://{self.address}:{S3_PORT}"


def store(site: Site) -> Store:
    """Return the object store; its credentials are made once per cluster."""
    file = site.folder / "store.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        made = Store(site.s3, BUCKET, REGION, secrets.token_hex(10), secrets.token_hex(20))
        file.write_text(json.dumps(asdict(made)))
    return Store(**json.loads(file.read_text()))


def seaweed(site: Site) -> list[str]:
    """Return the command of the S3 server."""
    folder = site.folder / "s3"
    folder.mkdir(parents=True, exist_ok=True)
    identities = site.folder / "identities.json"
    identities.touch(mode=0o600)
    identities.write_text(json.dumps(_identities(store(site))))
    return [
        str(Path(sys.executable).parent / "weed"),
        "server",
        f"-dir={folder}",
        f"-ip={site.address}",
        f"-ip.bind={site.address}",
        "-master.volumeSizeLimitMB=64",
        "-master.electionTimeout=1s",  # after a kill it waits for itself to be elected
        "-master.telemetry=false",
        "-volume.max=0",
        *(f"-{part}.port={port}" for part, port in PORTS.items()),
        *(f"-{part}.port.grpc={port + GRPC}" for part, port in PORTS.items()),
        f"-filer.localSocket={folder / 'filer.sock'}",
        "-s3",
        f"-s3.config={identities}",
        f"-s3.localSocket={folder / 's3.sock'}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
    ]


def remove_sockets() -> None:
    """Remove what the S3 server leaves in the one place that cannot be told to it."""
    for part, port in PORTS.items():
        Path(f"/tmp/seaweedfs-{part}-grpc-{port + GRPC}.sock").unlink(missing_ok=True)  # noqa: S108 - its place


def has_prometheus() -> bool:
    """Tell whether Prometheus is installed; only the local cluster installs it itself."""
    return shutil.which("prometheus", path=programs.environment()["PATH"]) is not None


def prometheus(site: Site) -> list[str]:
    """Return the command of Prometheus."""
    folder = site.folder / "prometheus"
    (folder / "targets").mkdir(parents=True, exist_ok=True)
    configuration = folder / "prometheus.yaml"
    configuration.write_text(yaml.safe_dump(_scraping(folder)))
    return [
        "prometheus",
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={site.address}:{PROMETHEUS_PORT}",
        "--web.enable-lifecycle",
        "--log.level=warn",
    ]


def answers(url: str) -> bool:
    """Tell whether a server is ready at this URL."""
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code < httpx.codes.BAD_REQUEST
    except httpx.TransportError:
        return False


def discovery(site: Site) -> list[str]:
    """Return the command that tells Prometheus which pods ask to be scraped."""
    targets = site.folder / "prometheus/targets/pods.json"
    path = f"PYTHONPATH={paths.ROOT / 'tests'}"
    return [
        "env",
        path,
        sys.executable,
        "-m",
        "harness.discovery",
        f"{site.kubeconfig}",
        f"{targets}",
    ]


def _identities(known: Store) -> dict[str, object]:
    credentials = {"accessKey": known.access_key_id, "secretKey": known.secret_access_key}
    identity = {"name": "tests", "credentials": [credentials], "actions": ["Admin"]}
    return {"identities": [identity]}


def _scraping(folder: Path) -> dict[str, object]:
    """Read the targets from files: discovery writes one, a test may write its own."""
    files = {"files": [str(folder / "targets/*.json")], "refresh_interval": "5s"}
    return {
        "global": {"scrape_interval": "5s", "evaluation_interval": "5s"},
        "scrape_configs": [{"job_name": "perennial", "file_sd_configs": [files]}],
    }
