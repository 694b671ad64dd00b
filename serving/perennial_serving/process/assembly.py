"""Builds the parts of one worker from its settings."""

import time
from dataclasses import dataclass

from perennial.artifacts.answers import Samples
from perennial.artifacts.model_schema import label_text
from perennial_serving.counters.constants import ModelInfo
from perennial_serving.counters.counters import Counters
from perennial_serving.counters.layout import Layout
from perennial_serving.counters.render import Exposition
from perennial_serving.counters.shared import Shared
from perennial_serving.counters.shared_memory import SharedMemory
from perennial_serving.endpoints.feedback import Feedback
from perennial_serving.endpoints.prediction_id import Signer, Verifier
from perennial_serving.endpoints.prediction_service import PredictionService
from perennial_serving.endpoints.routes import Dependencies, Service
from perennial_serving.model.contract import Contract
from perennial_serving.model.served import ServedModel
from perennial_serving.process.self_check import Send, microseconds_per_row, self_check
from perennial_serving.readiness import Readiness
from perennial_serving.settings import OutOfContract, ServeSettings


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """The index of a worker, and what it shares with the other workers."""

    worker: int
    shared: Shared
    key: bytes
    """Signs prediction ids."""

    @property
    def memory(self) -> SharedMemory:
        """The shared memory that the worker counts in."""
        return self.shared.memories[self.worker]


@dataclass(frozen=True, slots=True)
class Assembly:
    """The parts of a worker."""

    context: WorkerContext
    service: Service
    counters: Counters
    readiness: Readiness

    async def run_self_check(self, samples: Samples, send: Send) -> None:
        """Run the self-check over HTTP, and measure the time per row; raise if it fails."""
        token = self.readiness.self_check_token
        await self_check(samples, send, token)
        cost = microseconds_per_row(self.service.handle, samples, token)
        if cost is not None:
            self.service.set_row_cost(cost)
        self.readiness.verified = self.context.memory.ready = True


def assemble(settings: ServeSettings, context: WorkerContext) -> Assembly:
    """Load the model, and build the parts that serve it."""
    model = ServedModel.load(settings.name, settings.version, settings.digest, settings.folder)
    layout = Layout.of(model.schema, model.profile)
    counters = Counters(layout, context.shared, context.worker)
    readiness = Readiness(all_verified=lambda: context.shared.ready)
    info = ModelInfo(
        *(model.name, model.version, model.digest, model.predictor.tier),
        deployment=settings.deployment,
        revision=settings.revision,
    )
    predictions = _predictions(settings, context, model, counters)
    dependencies = Dependencies(
        predictions=predictions,
        scrape=Exposition(layout, context.shared.memories, info).text,
        feedback=Feedback(
            counters, Verifier(context.key), context.shared.ids, model.version, settings.rows
        ),
        readiness=readiness,
        revision=settings.revision,
    )
    service = Service(model, settings.rows, dependencies)
    return Assembly(context, service, counters, readiness)


def _predictions(
    settings: ServeSettings, context: WorkerContext, model: ServedModel, counters: Counters
) -> PredictionService:
    refuses = settings.out_of_contract is OutOfContract.REFUSE
    source = f"{settings.pod}/{context.worker}/{time.time_ns()}"
    classes = [label_text(label) for label in model.schema.classes or ()]
    return PredictionService(
        model=model,
        counters=counters,
        signer=Signer(context.key, model.version, counters.layout.kind, classes, source),
        limits=settings.limits,
        contract=Contract(model.schema) if refuses else None,
    )
