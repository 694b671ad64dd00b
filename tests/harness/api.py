"""The API server over plain HTTPS: what the tests say to a cluster, and what it answers."""

import base64
import json
import ssl
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import yaml

from harness.programs import HarnessError

Manifest = dict[str, Any]
MANAGER = "tests"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
_TRIES = 20
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


class RefusedError(HarnessError):
    """The API server said no; its words are the message."""

    def __init__(self, status: Manifest) -> None:
        """Keep the server's own status object."""
        super().__init__(str(status.get("message", status)))
        self.status = status
        self.code = int(status.get("code", 0))
        self.reason = str(status.get("reason", ""))


@dataclass(frozen=True)
class Resource:
    """Where a kind lives in the API."""

    group_version: str
    plural: str
    namespaced: bool

    def path(self, namespace: str, name: str = "", subresource: str = "") -> str:
        """Return the path of one object, or of all of a namespace (of all: an empty one)."""
        root = "/apis/" if "/" in self.group_version else "/api/"
        parts = [root + self.group_version]
        if self.namespaced and namespace:
            parts.append(f"namespaces/{namespace}")
        return "/".join([*parts, self.plural, *filter(None, (name, subresource))])


class Api:
    """A connection to the API server as one user."""

    def __init__(self, kubeconfig: Path, impersonated: str = "") -> None:
        """Connect with the credentials of the current context, as another user if one is named."""
        server, context, headers = _credentials(kubeconfig)
        if impersonated:
            headers = {**headers, "Impersonate-User": impersonated}
        limits = httpx.Timeout(30, read=60)
        self._http = httpx.Client(
            base_url=server,
            headers=headers,
            timeout=limits,
            transport=_Patient(verify=context, trust_env=False),
        )
        self._resources: dict[str, Resource] = {}

    def resource(self, kind: str) -> Resource:
        """Return where this kind lives; asks again when it is new."""
        if kind not in self._resources:
            self._resources = self._discover()
        if kind not in self._resources:
            raise HarnessError(f"the API server knows no kind {kind!r}")
        return self._resources[kind]

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Manifest:
        """Send one request and return the object that comes back."""
        answer = self._http.request(
            method,
            path,
            content=None if body is None else json.dumps(body).encode(),
            params=dict(query or {}),
            headers={"Content-Type": content_type},
        )
        return _object(answer)

    def text(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """Return what stands under a path, as text: logs, for example."""
        answer = self._http.get(path, params=dict(query or {}))
        if answer.is_error:
            _object(answer)
        return answer.text

    def table(self, path: str) -> Manifest:
        """Return what `kubectl get` prints of the objects under a path."""
        return _object(self._http.get(path, headers={"Accept": TABLE}))

    def watch(self, path: str, query: Mapping[str, str], seconds: int) -> Iterator[Manifest]:
        """Yield the events under a path, as they come, for this long at most."""
        asked = {**query, "watch": "1", "timeoutSeconds": str(max(1, seconds))}
        with self._http.stream(
            "GET", path, params=asked, timeout=httpx.Timeout(30, read=seconds + 5)
        ) as answer:
            if answer.is_error:
                answer.read()
                _object(answer)
            yield from map(json.loads, answer.iter_lines())

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    def _discover(self) -> dict[str, Resource]:
        """Ask for all kinds; the first group that has a kind keeps it (core before the rest)."""
        found: dict[str, Resource] = {}
        for root in ("/api", "/apis"):
            answer = self._http.get(root, headers={"Accept": DISCOVERY})
            for group in _object(answer)["items"]:
                for version in group["versions"]:
                    name = group.get("metadata", {}).get("name", "")
                    group_version = f"{name}/{version['version']}".lstrip("/")
                    for kind, resource in _kinds(version, group_version):
                        found.setdefault(kind, resource)
        return found


class _Patient(httpx.HTTPTransport):
    """Asks again where the API server says later: of a kind that has just been changed, say."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request until it is taken, for some seconds at most."""
        for _ in range(_TRIES):
            answer = super().handle_request(request)
            if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                return answer
            answer.close()
            time.sleep(float(answer.headers.get("Retry-After", 1)))
        return super().handle_request(request)


def _kinds(version: Manifest, group_version: str) -> Iterator[tuple[str, Resource]]:
    for resource in version.get("resources", ()):
        kind = resource.get("responseKind", {}).get("kind", "")
        namespaced = resource["scope"] == "Namespaced"
        yield kind, Resource(group_version, resource["resource"], namespaced)


def _object(answer: httpx.Response) -> Manifest:
    try:
        body: Manifest = answer.json()
    except json.JSONDecodeError:
        body = {"message": answer.text, "code": answer.status_code}
    if answer.is_error:
        raise RefusedError(body)
    return body


def is_missing(refusal: RefusedError) -> bool:
    """Tell whether the object that was asked for is not there."""
    return refusal.code == HTTPStatus.NOT_FOUND


def _credentials(kubeconfig: Path) -> tuple[str, ssl.SSLContext, dict[str, str]]:
    content = yaml.safe_load(kubeconfig.read_text())
    cluster = content["clusters"][0]["cluster"]
    user = content["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    if "token" in user:
        return cluster["server"], context, {"Authorization": f"Bearer {user['token']}"}
    with tempfile.NamedTemporaryFile() as pair:  # the standard library loads keys from files only
        for part in ("client-certificate-data", "client-key-data"):
            pair.write(base64.b64decode(user[part]))
        pair.flush()
        context.load_cert_chain(pair.name)
    return cluster["server"], context, {}
