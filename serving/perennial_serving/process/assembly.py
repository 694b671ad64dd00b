"""The parts of one worker, put together: from settings to what answers requests."""

import time
from dataclasses import dataclass

from perennial.artifacts.answers import Samples
from perennial.artifacts.model_schema import label_text
from perennial_serving.counters.counters import Counters
from perennial_serving.counters.layout import Layout
from perennial_serving.counters.render import Exposition, Served
from perennial_serving.counters.shared import Shared
from perennial_serving.counters.shared_memory import Slab
from perennial_serving.endpoints.feedback import Feedback
from perennial_serving.endpoints.prediction_id import Signer, Verifier
from perennial_serving.endpoints.prediction_service import Answering
from perennial_serving.endpoints.routes import Duties, Service
from perennial_serving.model.contract import Contract
from perennial_serving.model.served import ServedModel
from perennial_serving.process.self_check import Ask, microseconds_per_row, self_check
from perennial_serving.readiness import Lifecycle
from perennial_serving.settings import OutOfContract, ServeSettings


@dataclass(frozen=True, slots=True)
class Place:
    """Which worker of a process it is, and what it shares with the others."""

    worker: int
    shared: Shared
    key: bytes
    """Signs the ids of predictions."""

    @property
    def slab(self) -> Slab:
        """What the worker counts in."""
        return self.shared.slabs[self.worker]


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a worker runs."""

    place: Place
    service: Service
    counters: Counters
    lifecycle: Lifecycle

    async def prove(self, samples: Samples, ask: Ask) -> None:
        """Ask the sample rows through the server's own HTTP; raise if an answer is wrong."""
        phrase = self.lifecycle.pass_phrase
        await self_check(samples, ask, phrase)
        cost = microseconds_per_row(self.service.handle, samples, phrase)
        if cost is not None:
            self.service.expect(cost)
        self.lifecycle.verified = self.place.slab.ready = True


def assemble(settings: ServeSettings, place: Place) -> Assembly:
    """Load the model and connect everything that answers for it."""
    model = ServedModel.load(settings.name, settings.version, settings.digest, settings.folder)
    layout = Layout.of(model.schema, model.profile)
    counters = Counters(layout, place.shared, place.worker)
    lifecycle = Lifecycle(all_verified=lambda: place.shared.ready)
    served = Served(model.name, model.version, model.digest, model.predictor.tier)
    answering = _answering(settings, place, model, counters)
    duties = Duties(
        answering=answering,
        scrape=Exposition(layout, place.shared.slabs, served).text,
        feedback=Feedback(
            counters, Verifier(place.key), place.shared.ids, model.version, settings.rows
        ),
        lifecycle=lifecycle,
    )
    service = Service(model, settings.rows, duties)
    return Assembly(place, service, counters, lifecycle)


def _answering(
    settings: ServeSettings, place: Place, model: ServedModel, counters: Counters
) -> Answering:
    refuses = settings.out_of_contract is OutOfContract.REFUSE
    source = f"{settings.pod}/{place.worker}/{time.time_ns()}"
    classes = [label_text(label) for label in model.schema.classes or ()]
    return Answering(
        model=model,
        counters=counters,
        signer=Signer(place.key, model.version, counters.layout.kind, classes, source),
        limits=settings.limits,
        contract=Contract(model.schema) if refuses else None,
    )
