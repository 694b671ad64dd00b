"""One reconciler for each kind."""

from typing import Final

from perennial.controller.parts import Build
from perennial.observing.dataset import DatasetReconciler
from perennial.observing.model import ModelReconciler
from perennial.observing.model_deployment import ModelDeploymentReconciler
from perennial.observing.model_version import ModelVersionReconciler

RECONCILERS: Final[tuple[Build, ...]] = (
    DatasetReconciler,
    ModelReconciler,
    ModelVersionReconciler,
    ModelDeploymentReconciler,
)
