"""One reconciler for each kind."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from perennial.api.configuration import Configuration
from perennial.cluster.cache import Cache
from perennial.cluster.protocols import Admission, ClusterReader, EventReader
from perennial.observing.dataset import DatasetReconciler
from perennial.observing.decision import DecisionReconciler
from perennial.observing.model import ModelReconciler
from perennial.observing.model_deployment import ModelDeploymentReconciler
from perennial.observing.model_version import ModelVersionReconciler
from perennial.observing.rollout_evidence import Evidence
from perennial.reconcile.loop import AnyReconciler
from perennial.servers.client import ModelServers


class Clients(NamedTuple):
    """What reconcilers can ask beyond the cache."""

    reader: ClusterReader
    events: EventReader
    admission: Admission
    servers: ModelServers
    evidence: Evidence


Build = Callable[[Configuration, Cache, Clients], Sequence[AnyReconciler]]


def reconcilers(
    configuration: Configuration, cache: Cache, clients: Clients
) -> Sequence[AnyReconciler]:
    """Return the reconcilers of all kinds."""
    return (
        DatasetReconciler(configuration, cache, clients.events),
        ModelReconciler(configuration, cache, clients.events),
        ModelVersionReconciler(cache),
        ModelDeploymentReconciler(configuration, cache, clients.servers, clients.evidence),
        DecisionReconciler(cache, clients.reader, clients.admission),
    )
