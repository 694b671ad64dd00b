"""The HorizontalPodAutoscaler of a ModelDeployment."""

from perennial.api.manifest import Manifest
from perennial.api.model_deployment import Autoscaling
from perennial.api.names import labels
from perennial.api.schema import API_VERSION
from perennial.planning.model_deployment.deployment import KIND


def autoscaler(name: str, namespace: str, wanted: Autoscaling) -> Manifest:
    """Return the autoscaler of the scale subresource.

    Its arithmetic, the use of all pods over the target, gives the pods for all of the traffic,
    whatever the shares of two revisions are.
    """
    target = {"type": "Utilization", "averageUtilization": wanted.target_cpu}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(KIND, name)},
        "spec": {
            "scaleTargetRef": {"apiVersion": API_VERSION, "kind": KIND, "name": name},
            "minReplicas": wanted.min,
            "maxReplicas": wanted.max,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    }
