"""One reconciler for each kind."""

from typing import Final

from perennial.handlers.parts import Build
from perennial.reconcile.dataset import DatasetReconciler
from perennial.reconcile.model import ModelReconciler
from perennial.reconcile.model_deployment import ModelDeploymentReconciler
from perennial.reconcile.model_version import ModelVersionReconciler

RECONCILERS: Final[tuple[Build, ...]] = (
    DatasetReconciler,
    ModelReconciler,
    ModelVersionReconciler,
    ModelDeploymentReconciler,
)
