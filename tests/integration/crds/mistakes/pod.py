"""Mistakes in how pods run; they look the same in every kind."""

from integration.crds.mistakes import Mistake
from integration.crds.mistakes.dataset import DURATION

JOB, SERVER = "dataset-full.yaml", "model-deployment-full.yaml"
AMOUNT = "write an amount such as 2, 500m or 1Gi"

MISTAKES = (
    Mistake(
        "a deadline in words", JOB, {"spec.job.deadline": "1 hour"}, ("spec.job.deadline", DURATION)
    ),
    Mistake(
        "memory in the wrong unit",
        JOB,
        {"spec.job.resources.requests.memory": "1GB"},
        ("spec.job.resources.requests.memory", AMOUNT),
    ),
    Mistake(
        "a fraction without quotes",
        JOB,
        {"spec.job.resources.requests.cpu": 0.5},
        ("spec.job.resources.requests.cpu", "must be of type integer,string"),
    ),
    Mistake(
        "less than nothing",
        JOB,
        {"spec.job.resources.requests.cpu": -1},
        ("spec.job.resources.requests.cpu", "should be greater than or equal to 0"),
    ),
    Mistake(
        "more requested than allowed",
        JOB,
        {"spec.job.resources.requests.memory": "4Gi"},
        ("spec.job.resources", "requests must not exceed limits"),
    ),
    Mistake(
        "a misspelt resource",
        SERVER,
        {"spec.server.resources.limits": {"memroy": "1Gi"}},
        ("spec.server.resources.limits", "a resource is cpu, memory or ephemeral-storage"),
    ),
    Mistake(
        "a label that is Perennial's own",
        SERVER,
        {"spec.server.pod.labels": {"perennial.dev/name": "mine"}},
        ("spec.server.pod", "choose another prefix"),
    ),
    Mistake(
        "a label with a space",
        SERVER,
        {"spec.server.pod.labels": {"team": "flight operations"}},
        ("spec.server.pod.labels.team", "a label value contains letters, digits, '-', '_' and '.'"),
    ),
    Mistake(
        "a label's key with a space",
        SERVER,
        {"spec.server.pod.labels": {"cost centre": "4711"}},
        ("spec.server.pod.labels", "a label key is a name such as team"),
    ),
    Mistake(
        "a number as the value of a label",
        SERVER,
        {"spec.server.pod.nodeSelector": {"zone": 1}},
        ("spec.server.pod.nodeSelector.zone", "must be of type string"),
    ),
    Mistake(
        "an operator of another selector",
        SERVER,
        {"spec.server.pod.tolerations[0].operator": "In"},
        ("spec.server.pod.tolerations[0].operator", 'supported values: "Equal", "Exists"'),
    ),
    Mistake(
        "a value that is not compared",
        SERVER,
        {"spec.server.pod.tolerations[0].operator": "Exists"},
        ("spec.server.pod.tolerations[0]", "remove value, or set operator: Equal"),
    ),
    Mistake(
        "a comparison with nothing",
        SERVER,
        {"spec.server.pod.tolerations": [{"operator": "Equal", "value": "serving"}]},
        ("spec.server.pod.tolerations[0]", "operator: Equal requires a key"),
    ),
    Mistake(
        "a ServiceAccount in capitals",
        SERVER,
        {"spec.server.pod.serviceAccountName": "Server"},
        ("spec.server.pod.serviceAccountName", "a name contains a-z, 0-9, '-' and '.'"),
    ),
    Mistake(
        "a Secret by its bare name",
        SERVER,
        {"spec.server.pod.imagePullSecrets": ["registry"]},
        ("spec.server.pod.imagePullSecrets[0]", "must be of type object"),
    ),
    Mistake(
        "a Secret twice",
        SERVER,
        {"spec.server.pod.imagePullSecrets": [{"name": "registry"}, {"name": "registry"}]},
        ("spec.server.pod.imagePullSecrets[1]", "Duplicate value"),
    ),
)
