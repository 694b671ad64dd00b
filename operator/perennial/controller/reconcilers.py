"""One reconciler for each kind."""

from collections.abc import Sequence

from perennial.api.configuration import Configuration
from perennial.cluster.cache import Store
from perennial.cluster.client import Cluster
from perennial.observing.dataset import DatasetReconciler
from perennial.observing.model import ModelReconciler
from perennial.observing.model_deployment import ModelDeploymentReconciler
from perennial.observing.model_version import ModelVersionReconciler
from perennial.reconcile.loop import AnyReconciler


def reconcilers(
    configuration: Configuration, store: Store, cluster: Cluster
) -> Sequence[AnyReconciler]:
    """Return the reconcilers of all kinds."""
    return (
        DatasetReconciler(configuration, store, cluster),
        ModelReconciler(configuration, store, cluster),
        ModelVersionReconciler(store),
        ModelDeploymentReconciler(configuration, store, cluster),
    )
