"""kubectl for unit tests: what it prints for objects that a test gives it.

`tests/integration/plugin/test_kubectl.py` compares it with the real one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from perennial.api.kinds import KINDS
from perennial.cli.kubectl import Completed

Manifest = Mapping[str, Any]

RESOURCES = {kind.name: f"{kind.plural}.perennial.dev" for kind in KINDS} | {"Event": "events"}


class RecordedKubectl:
    """Runs commands in the order in which kubectl reads them: a verb, names, options."""

    def __init__(self, *objects: Manifest, user: str = "alice@example.com") -> None:
        self.user = user
        self.commands: list[Sequence[str]] = []
        self.created: list[Manifest] = []
        self.refusal = ""
        """What the API server answers when something is created; empty if it accepts it."""
        self.later: list[Manifest] = []
        """Objects that replace those of the same name, one after each `get` of a single object."""
        self._objects: dict[tuple[str, str], Manifest] = {}
        for each in objects:
            self.put(each)

    def put(self, manifest: Manifest) -> None:
        """Store an object."""
        self._objects[(RESOURCES[manifest["kind"]], manifest["metadata"]["name"])] = manifest

    def __call__(self, command: Sequence[str], text: str) -> Completed:
        self.commands.append(command)
        program, *words = command
        assert program == "kubectl"
        names = [word for word in words if not word.startswith("-")]
        match names:
            case ["get", resource, name]:
                return self._get(resource, name)
            case ["get", resource]:
                return self._list(resource, words)
            case ["create"]:
                return self._create(json.loads(text))
            case ["auth", "whoami"]:
                return _printed({"status": {"userInfo": {"username": self.user}}})
            case ["config", "get-contexts"]:
                return Completed(0, "kind-perennial\nproduction\n", "")
        return Completed(1, "", f'error: unknown command "{names[0]}" for "kubectl"\n')

    def _get(self, resource: str, name: str) -> Completed:
        if resource not in RESOURCES.values():
            return _unknown(resource)
        found = self._objects.get((resource, name))
        if self.later:
            self.put(self.later.pop(0))
        return _printed(found) if found else Completed(0, "", "")

    def _list(self, resource: str, words: Sequence[str]) -> Completed:
        if resource == "namespaces":
            return Completed(0, "namespace/default\nnamespace/delays\n", "")
        if resource not in RESOURCES.values():
            return _unknown(resource)
        fields = dict(pair for word in words for pair in _fields(word))
        items = [
            each
            for (kind, _), each in self._objects.items()
            if kind == resource and all(_at(each, path) == want for path, want in fields.items())
        ]
        return _printed({"apiVersion": "v1", "kind": "List", "items": items})

    def _create(self, manifest: dict[str, Any]) -> Completed:
        if self.refusal:
            return Completed(1, "", f"{self.refusal}\n")
        metadata = dict(manifest["metadata"])
        metadata["name"] = f"{metadata.pop('generateName')}x7k2p"
        made = {**manifest, "metadata": metadata, "status": {"observedGeneration": -1}}
        self.created.append(made)
        self.put(made)
        return _printed(made)


def _printed(document: object) -> Completed:
    return Completed(0, json.dumps(document), "")


def _unknown(resource: str) -> Completed:
    return Completed(1, "", f'error: the server doesn\'t have a resource type "{resource}"\n')


def _fields(word: str) -> Iterator[tuple[str, str]]:
    """Yield the fields that an option selects, with their values."""
    option, _, fields = word.partition("=")
    if option == "--field-selector":
        for pair in fields.split(","):
            path, _, wanted = pair.partition("=")
            yield path, wanted


def _at(manifest: Manifest, path: str) -> object:
    found: Any = manifest
    for part in path.split("."):
        found = found[part]
    return found
