"""The metric families of a layout: names, labels, and the index of each value.

Indices refer to one flat list: counts, sums, then for the served version and each older one the
labels, errors above, errors below and squared errors, by bin.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from perennial.artifacts.model_schema import label_text
from perennial.artifacts.profile import MOST_SCORE_BINS
from perennial_serving.counters.layout import (
    DELAYS,
    REQUESTS,
    SECONDS,
    ExplicitOutcome,
    LabelOutcome,
    Layout,
    Outcome,
)
from perennial_serving.counters.scoring import LabelKind

Labels = tuple[tuple[str, str], ...]

_EVERY_BIN: Final = tuple(map(str, range(1, MOST_SCORE_BINS + 1)))
_SIDES: Final = ("above", "below")


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a family: suffix, labels, and the index of its value."""

    labels: Labels
    index: int
    suffix: str = ""
    version: str | None = None
    """An older version; None for the served one."""


@dataclass(frozen=True, slots=True)
class Family:
    """One metric family."""

    name: str
    kind: Literal["counter", "histogram"]
    help: str
    series: tuple[Series, ...]


def families(layout: Layout, older: Sequence[str]) -> list[Family]:
    """Return all metric families of a model, with the older versions that feedback has named."""
    found = [
        *_traffic(layout),
        *_inputs(layout),
        *_answers(layout),
        *_times(layout),
        *_labels(layout, older),
    ]
    return [family for family in found if family.series]


def _traffic(layout: Layout) -> Iterator[Family]:
    counts, base = layout.counts, layout.counts.labels.start
    requests = [(("outcome", outcome), ("code", code)) for outcome, code in REQUESTS]
    yield _counter(
        "requests",
        "Requests for predictions, by outcome and status code",
        requests,
        counts.requests,
    )
    yield _counter(
        "explicit_requests",
        "Requests for predictions that name their revision, by outcome; counted nowhere else",
        [(("outcome", outcome),) for outcome in ExplicitOutcome],
        counts.explicit_requests,
    )
    rows = [(("outcome", outcome),) for outcome in Outcome]
    yield _counter("rows", "Rows in requests for predictions, by outcome", rows, counts.rows)
    bounds = [*(f"{bound:g}" for bound in SECONDS), "+Inf"]
    buckets = _series([(("le", bound),) for bound in bounds], counts.seconds.start, "_bucket")
    ends = (
        Series((), base + layout.sums.seconds.start, "_sum"),
        Series((), counts.seconds.stop - 1, "_count"),
    )
    yield Family(
        "perennial_request_seconds",
        "histogram",
        "Seconds from the last byte of an answered request for predictions to its response",
        (*buckets, *ends),
    )


def _inputs(layout: Layout) -> Iterator[Family]:
    counts, base = layout.counts, layout.counts.labels.start
    bins = [(("feature", name), ("bin", bin_)) for name, bin_ in layout.features]
    yield _counter("feature_bin", "Rows by input and bin", bins, counts.features)
    inputs = [(("feature", name),) for name in layout.inputs]
    yield _counter(
        "feature_out_of_contract",
        "Values outside the contract of the Dataset, by input",
        inputs,
        counts.out_of_contract,
    )
    numbers = inputs[: len(layout.profile.numbers)]
    sided = [(*number, ("side", side)) for side in _SIDES for number in numbers]
    yield Family(
        "perennial_feature_deviation_total",
        "counter",
        "Sum of absolute deviations from the training mean, by input and side",
        _series(sided, base + layout.sums.above.start),
    )
    yield Family(
        "perennial_feature_square_total",
        "counter",
        "Sum of squared deviations from the training mean, by input",
        _series(numbers, base + layout.sums.squares.start),
    )
    yield _counter(
        "repeated_rows", "Rows equal to a recent row in every input", [()], counts.repeated
    )


def _answers(layout: Layout) -> Iterator[Family]:
    counts, profile = layout.counts, layout.profile
    if profile.prediction is not None:
        bins = [(("bin", name),) for name in profile.prediction.bins]
        yield _counter("prediction_bin", "Rows by bin of the prediction", bins, counts.predictions)
    if profile.confidence is not None:
        bins = [(("bin", name),) for name in profile.confidence.bins]
        yield _counter(
            "confidence_bin",
            "Rows by bin of the probability of the predicted class",
            bins,
            counts.confidences,
        )
    classes = [(("class", label_text(label)),) for label in layout.schema.classes or ()]
    yield _counter("class", "Rows by predicted class", classes, counts.classes)


def _times(layout: Layout) -> Iterator[Family]:
    if layout.schema.time_column is None:
        return
    bins = [*(f"{bound:g}" for bound in DELAYS), "+Inf", "missing"]
    yield _counter(
        "time_delay_bin",
        "Rows by the seconds since their time; bin is the upper bound",
        [(("bin", name),) for name in bins],
        layout.counts.delays,
    )
    yield Family(
        "perennial_time_delay_seconds_total",
        "counter",
        "Sum of the seconds between the times of rows and the current time, by side",
        _series(
            [(("side", side),) for side in ("ahead", "behind")],
            layout.counts.labels.start + layout.sums.delays.start,
        ),
    )


def _labels(layout: Layout, older: Sequence[str]) -> Iterator[Family]:
    outcomes = [(("outcome", outcome),) for outcome in LabelOutcome]
    yield _counter(
        "feedback", "Labels received, by outcome", outcomes, layout.counts.label_outcomes
    )
    start = layout.counts.labels.start + layout.sums.over.start
    versions, wide = 1 + len(older), len(layout.labels)
    name = {LabelKind.SCORED: "label", LabelKind.CHOSEN: "right"}.get(layout.kind)
    each: list[Labels] = [((name, label),) if name else () for label in layout.labels]
    yield _by_bin(layout, older, "feedback_bin", "Labels by bin of their prediction", start, each)
    if layout.kind is not LabelKind.ESTIMATED:
        return
    start += versions * MOST_SCORE_BINS * wide
    over, under = (
        _by_bin(layout, older, "feedback_error", "", start + offset, [(("side", side),)])
        for offset, side in ((0, "over"), (versions * MOST_SCORE_BINS, "under"))
    )
    yield Family(
        over.name,
        "counter",
        "Sum of absolute prediction errors, by bin and side",
        (*over.series, *under.series),
    )
    yield _by_bin(
        layout,
        older,
        "feedback_squared_error",
        "Sum of squared prediction errors, by bin",
        start + 2 * versions * MOST_SCORE_BINS,
        [()],
    )


def _by_bin(
    layout: Layout, older: Sequence[str], name: str, help_: str, start: int, each: list[Labels]
) -> Family:
    series: list[Series] = []
    for position, version in enumerate((None, *older)):
        bins = layout.score_bins if version is None else _EVERY_BIN
        for bin_, label in enumerate(bins):
            index = start + (position * MOST_SCORE_BINS + bin_) * len(each)
            series += (
                Series((("bin", label), *more), index + offset, version=version)
                for offset, more in enumerate(each)
            )
    return Family(f"perennial_{name}_total", "counter", help_, tuple(series))


def _counter(name: str, help_: str, labels: Sequence[Labels], stretch: slice) -> Family:
    return Family(f"perennial_{name}_total", "counter", help_, _series(labels, stretch.start))


def _series(labels: Sequence[Labels], start: int, suffix: str = "") -> tuple[Series, ...]:
    return tuple(Series(pairs, start + at, suffix) for at, pairs in enumerate(labels))
