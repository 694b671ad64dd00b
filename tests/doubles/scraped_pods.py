"""A real Prometheus on loopback, and pods that count: processes that a test starts and kills."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

import httpx
import yaml

from harness import probe, programs

EXPORTER = Path(__file__).parent / "exporter.py"
SCRAPE_SECONDS = 1
PATIENCE_SECONDS = 20


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def wait_for(condition, what: str):
    """Return the first true value of a condition."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


@dataclass
class Pod:
    """A pod of one container, whose process may be killed and started again."""

    name: str
    revision: str
    folder: Path
    port: int = field(default_factory=free_port)
    sent: Counter[str] = field(default_factory=Counter)
    """Answered requests by code, of the process that runs."""
    ended: list[dict[str, int]] = field(default_factory=list)
    """What each process that was killed had told its last scrape."""
    unscraped: int = 0

    def start(self) -> "Pod":
        """Start a process; it answers when this returns."""
        self.sent = Counter()
        self._log().unlink(missing_ok=True)
        argv = [sys.executable, EXPORTER, str(self.port), self.revision, str(self._log())]
        self._process = subprocess.Popen(argv)
        wait_for(self._listens, self.name)
        return self

    def send(self, code: str, times: int = 1) -> None:
        """Send requests one after the other, on one connection."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            for _ in range(times):
                connection.request("POST", f"/{code}")
                connection.getresponse().read()
                self.sent[code] += 1
        finally:
            connection.close()

    def scrapes(self) -> list[dict]:
        """Return the scrapes of the process that runs or ran last."""
        if not self._log().exists():
            return []
        return [json.loads(line) for line in self._log().read_text().splitlines()]

    def is_scraped(self) -> None:
        """Return after a further scrape."""
        before = len(self.scrapes())
        wait_for(lambda: len(self.scrapes()) > before, f"a scrape of {self.name}")
        time.sleep(0.3)  # it is answered, and the next one is still far

    def kill(self, scraper: "Scraper", *callers: "Traffic") -> None:
        """End the process without any notice, between two scrapes, and its callers with it."""
        self.is_scraped()
        wait_for(lambda: scraper.holds(self), f"the last scrape of {self.name}")
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        for caller in callers:
            caller.end()
        told = self.scrapes()[-1]["counts"]
        self.ended.append(told)
        self.unscraped += sum(self.sent.values()) - sum(told.values())

    def stop(self) -> None:
        """End the process if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def counted(self) -> Counter[str]:
        """Return what can be known of all processes of this pod."""
        total = Counter(self.sent) if self._process.poll() is None else Counter()
        for told in self.ended:
            total.update(told)
        return total

    def _log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def _listens(self) -> bool:
        with socket.socket() as trial:
            return trial.connect_ex(("127.0.0.1", self.port)) == 0


class Traffic:
    """Sends to one pod at a steady rate until it is ended, or the pod is."""

    def __init__(self, pod: Pod, code: str = "200", per_second: float = 40) -> None:
        self._pod, self._code, self._pause = pod, code, 1 / per_second
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._pause):
            try:
                self._pod.send(self._code)
            except (OSError, HTTPException):  # the pod was killed
                return


class Scraper:
    """A Prometheus server, and the targets that it scrapes."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{free_port()}"
        self._program = program
        self._process: subprocess.Popen | None = None
        self._jobs: dict[str, list[dict]] = {"pods": [], "again": []}

    def __enter__(self) -> Self:
        self._write()
        argv = [
            self._program,
            f"--config.file={self._configuration_file}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address={self.url.removeprefix('http://')}",
            "--log.level=error",
        ]
        self._process = subprocess.Popen(argv, env=programs.environment())
        wait_for(lambda: probe.answers(f"{self.url}/-/ready"), "Prometheus")
        return self

    def __exit__(self, *_) -> None:
        self._process.terminate()
        self._process.wait()

    def scrape(self, pod: Pod, namespace: str, *, job: str = "pods", **labels: str) -> None:
        """Scrape this pod from now on, with the labels that a scrape adds."""
        added = {"namespace": namespace, "pod": pod.name, **labels}
        self._jobs[job].append({"targets": [f"127.0.0.1:{pod.port}"], "labels": added})
        self._write()

    def forget(self, pod: Pod) -> None:
        """Scrape it no longer: it was deleted."""
        for job in self._jobs.values():
            job[:] = [target for target in job if target["labels"]["pod"] != pod.name]
        self._write()

    def holds(self, pod: Pod) -> bool:
        """Tell whether Prometheus has stored what the pod's last scrape was answered."""
        found = self.value(f'perennial_requests_total{{pod="{pod.name}"}}')
        stored = {one["metric"]["code"]: float(one["value"][1]) for one in found}
        return stored == pod.scrapes()[-1]["counts"]

    def value(self, expression: str, at: float | None = None) -> list[dict]:
        """Return what an expression gives, without the code under test."""
        fields = {"query": expression, "time": at or time.time()}
        answer = httpx.get(f"{self.url}/api/v1/query", params=fields, trust_env=False)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()["data"]["result"]

    @property
    def _configuration_file(self) -> Path:
        return self.folder / "prometheus.yaml"

    def _write(self) -> None:
        """Write the targets into the configuration: that of the cluster reads no other files."""
        unfinished = self.folder / "unfinished"
        unfinished.write_text(yaml.safe_dump(self._configuration()))
        unfinished.rename(self._configuration_file)
        if self._process:
            self._process.send_signal(signal.SIGHUP)

    def _configuration(self) -> dict:
        jobs = [
            {"job_name": name, "static_configs": targets} for name, targets in self._jobs.items()
        ]
        every = f"{SCRAPE_SECONDS}s"
        return {
            "global": {"scrape_interval": every, "scrape_timeout": every},
            "scrape_configs": jobs,
        }
