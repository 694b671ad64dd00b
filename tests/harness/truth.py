"""What must be so in the world when an object says Ready; found out without the operator."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from harness import reach
from harness.api import Manifest
from harness.bucket import Bucket
from harness.kubectl import Kubectl, condition
from perennial.api.dataset import DatasetSpec
from perennial.api.model import ModelSpec
from perennial.planning.dataset.contract import contract_digest
from perennial.planning.model.inputs import training_digest


@dataclass(frozen=True)
class Truth:
    """The world of one namespace."""

    kubectl: Kubectl
    bucket: Bucket

    def lacks(self, manifest: Manifest) -> list[str]:
        """Return what is missing for an object of ours to be rightly called Ready."""
        checks = {
            "Dataset": self._dataset,
            "Model": self._model,
            "ModelVersion": self._version,
            "ModelDeployment": self._deployment,
        }
        return list(checks[manifest["kind"]](manifest))

    def _dataset(self, manifest: Manifest) -> Iterator[str]:
        snapshot = manifest["status"]["snapshot"]
        if snapshot["contract"] != contract_digest(DatasetSpec.model_validate(manifest["spec"])):
            yield "its snapshot was taken under another contract than that of its spec"
        if self._content(f"{snapshot['path']}snapshot.json") is None:
            yield f"no snapshot stands at {snapshot['path']}"

    def _model(self, manifest: Manifest) -> Iterator[str]:
        name = manifest["status"].get("currentVersion", "")
        version = self.kubectl.find("ModelVersion", name) if name else None
        if version is None or not condition("Ready")(version):
            yield f"its current version {name!r} is not there, or not Ready"
            return
        dataset = self.kubectl.get("Dataset", manifest["spec"]["dataset"]["name"])
        wanted = training_digest(
            ModelSpec.model_validate(manifest["spec"]), DatasetSpec.model_validate(dataset["spec"])
        )
        if version["spec"]["inputs"]["training"]["digest"] != wanted:
            yield f"version {name} was made from another recipe than that of its spec"

    def _version(self, manifest: Manifest) -> Iterator[str]:
        artifact = manifest["spec"]["artifact"]
        content = self._content(f"{artifact['path']}manifest.json") or b""
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != artifact["digest"]:
            yield f"no artifact of its digest stands at {artifact['path']}"

    def _deployment(self, manifest: Manifest) -> Iterator[str]:
        name, model = manifest["metadata"]["name"], manifest["spec"]["model"]["name"]
        wanted = manifest["spec"]["replicas"]
        path = f"/v2/models/{model}/ready"
        if wanted and not reach.answers(self.kubectl, name, path):
            yield f"its address does not answer to GET {path}"

    def _content(self, key: str) -> bytes | None:
        try:
            return self.bucket.get(key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
