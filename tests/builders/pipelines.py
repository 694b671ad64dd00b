"""Every transformer and estimator that has a compiled form, and some without, as pipelines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline

from builders import estimators, transformers
from builders.transformers import Make
from perennial.artifacts.tier import Tier

CLASSIFICATIONS = ("binary", "multiclass")


@dataclass(frozen=True)
class Case:
    """One pipeline, what it learns, and how it is to be served."""

    name: str
    kind: str
    make: Callable[[], Pipeline]
    tier: Tier = Tier.COMPILED

    @property
    def id(self) -> str:
        return f"{self.name}-{self.kind}"


def cases() -> Iterator[Case]:
    yield from _transformer_cases()
    yield from _estimator_cases()


def _transformer_cases() -> Iterator[Case]:
    further = ("multiclass", "regression")
    for name, make in transformers.COMPILED.items():
        for kind in ("binary", *(further if name in transformers.ALONE else ())):
            yield Case(name, kind, _learning(kind, make))
    for kind in further:
        yield Case("all others together", kind, _learning(kind, transformers.together))
    for name, make in transformers.NOT_COMPILED.items():
        yield Case(name, "binary", _learning("binary", make), Tier.PIPELINE)


def _learning(kind: str, transformer: Make) -> Callable[[], Pipeline]:
    return _pipeline(transformer, Ridge if kind == "regression" else estimators.logistic)


def _estimator_cases() -> Iterator[Case]:
    for name, steps in estimators.CLASSIFIERS.items():
        for kind in CLASSIFICATIONS:
            yield Case(name, kind, _pipeline(*steps))
    for name, steps in estimators.REGRESSORS.items():
        yield Case(name, "regression", _pipeline(*steps))
    for (name, kind), steps in estimators.BY_KIND.items():
        yield Case(name, kind, _pipeline(*steps))
    for (name, kind), steps in estimators.NOT_COMPILED.items():
        yield Case(name, kind, _pipeline(*steps), Tier.ENCODED)


def _pipeline(transformer: Make, estimator: Make) -> Callable[[], Pipeline]:
    return lambda: Pipeline([("columns", transformer()), ("estimator", estimator())])
