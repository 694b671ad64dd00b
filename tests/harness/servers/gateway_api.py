"""The kinds of the Gateway API: the standard channel of its Go module, and the policy beside it."""

from pathlib import Path

from harness import golang, paths, programs, progress
from harness.golang import Module

MODULE = Module(
    "sigs.k8s.io/gateway-api",
    "v1.5.1",
    "h1:RqVRIlkhLhUO8wOHKTLnTJA6o/1un4po4/6M1nRzdd0=",
)
CHANNEL = "config/crd/standard"
USED = ("gatewayclasses", "gateways", "httproutes")


def ensure(kubectl: list[str]) -> None:
    """Have the API server serve the kinds."""
    with progress.step(f"Gateway API {MODULE.version}", usual="3 s"):
        folder = files()
        programs.run([*kubectl, "apply", "--server-side", "--force-conflicts", "-f", str(folder)])
        names = [f"crd/{name}.gateway.networking.k8s.io" for name in USED]
        programs.run([*kubectl, "wait", "--for=condition=Established", "--timeout=60s", *names])


def files() -> Path:
    """Return the folder of the manifests, copied to the cache: Go's own may be cleared."""
    folder = paths.cache() / f"gateway-api-{paths.key((), MODULE.name, MODULE.digest, CHANNEL)}"
    if not folder.exists():
        with paths.complete_or_absent(folder) as made:
            for file in (golang.downloaded(MODULE) / CHANNEL).glob("*.yaml"):
                (made / file.name).write_bytes(file.read_bytes())
    return folder
