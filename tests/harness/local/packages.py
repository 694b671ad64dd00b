"""What the local cluster needs from the system's packages."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from harness import programs, progress
from harness.programs import HarnessError

FROM_PACKAGE = {  # a file that a package brings: the package
    "containerd": "containerd",
    "runc": "runc",
    "/usr/lib/cni/ptp": "containernetworking-plugins",
    "iptables": "iptables",
    "ip": "iproute2",
    "conntrack": "conntrack",
    "nsenter": "util-linux",
    "buildah": "buildah",
    "mmdebstrap": "mmdebstrap",
}
POLICY = Path("/usr/sbin/policy-rc.d")  # Debian asks it before it starts a service


def missing(needed: Mapping[str, str]) -> list[str]:
    """Return the packages whose programs are not there."""
    path = programs.environment()["PATH"]
    return [
        package
        for program, package in needed.items()
        if not (Path(program).exists() if "/" in program else shutil.which(program, path=path))
    ]


def ensure(needed: Mapping[str, str] = FROM_PACKAGE) -> None:
    """Install what is missing, or say in one line how to."""
    packages = missing(needed)
    if not packages:
        return
    command = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise HarnessError(f"missing system packages; install them with: sudo {command}")
    with progress.step(f"install {', '.join(packages)}"), _no_services():
        noninteractive = {"DEBIAN_FRONTEND": "noninteractive"}
        programs.run(["apt-get", "update", "-q"], env=noninteractive)
        programs.run([*command.split(), "-q", "-y"], env=noninteractive)


@contextmanager
def _no_services() -> Iterator[None]:
    """Keep Debian from starting the services of what is installed: the harness runs its own."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
