"""Labels, annotations and names of children, as pure functions of their purpose."""

from typing import Final

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
OPERATOR: Final = "perennial"
KIND: Final = "perennial.dev/kind"
NAME: Final = "perennial.dev/name"
REVISION: Final = "perennial.dev/revision"
VERSION: Final = "perennial.dev/version"
TASK: Final = "perennial.dev/task"
ATTEMPT: Final = "perennial.dev/attempt"
ORDER: Final = "perennial.dev/order"
SETTINGS: Final = "perennial.dev/settings"
TEMPLATE: Final = "perennial.dev/template"
STABLE: Final = "perennial.dev/stable"
SERVED_UNTIL: Final = "perennial.dev/served-until"
SOURCE_REVISION: Final = "perennial.dev/source-revision"

LONGEST_NAME: Final = 36
"""Characters of the name of a user's object, so that the names of its children fit into 63."""


def labels(kind: str, name: str) -> dict[str, str]:
    """Return the labels of every child of one object."""
    return {MANAGED_BY: OPERATOR, KIND: kind, NAME: name}


def _short(digest: str, length: int) -> str:
    return digest.removeprefix("sha256:")[:length]


def snapshot_job_name(dataset: str, trigger: str, attempt: int) -> str:
    """Return the only name of the Job for this attempt; `trigger` is a digest."""
    return f"{dataset}-snapshot-{_short(trigger, 10)}-{attempt}"


def training_job_name(model: str, inputs: str, attempt: int) -> str:
    """Return the name of the training Job for inputs (a digest) and an attempt."""
    return f"{model}-{_short(inputs, 10)}-{attempt}"


def version_name(model: str, inputs: str) -> str:
    """Return the name of the ModelVersion for inputs (a digest)."""
    return f"{model}-{_short(inputs, 8)}"


def prediction_key_name(deployment: str) -> str:
    """Return the name of the Secret with the key that signs prediction ids."""
    return f"{deployment}-prediction-ids"


def revision_name(deployment: str, revision: str) -> str:
    """Return the name of the Deployment and the Service of one revision."""
    return f"{deployment}-{revision}"
