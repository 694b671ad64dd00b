"""Which count stands where: one order of names, for counting and for rendering.

Counts are 64-bit integers, sums are floats; both are divided into stretches, in the order in which
`Counts` and `Sums` name them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Final, Self

from perennial.artifacts.model_schema import ModelSchema, label_text
from perennial.artifacts.profile import MOST_SCORE_BINS, Profile
from perennial_serving.counters.scoring import Kind, kind_of


class Outcome(StrEnum):
    """What became of a request for predictions, and of its rows."""

    ANSWERED = "answered"
    """Status 2xx."""
    REFUSED = "refused"
    """Status 4xx: the caller's mistake."""
    FAILED = "failed"
    """Status 5xx: the server's."""


class LabelOutcome(StrEnum):
    """What became of one label."""

    COUNTED = "Counted"
    REPEATED = "Repeated"
    """Its prediction has a label already; this one is not counted."""
    MALFORMED = "Malformed"
    """What should be a prediction id is none."""
    FORGED = "Forged"
    """The id was changed, or made up."""
    FOREIGN = "Foreign"
    """The id is of another deployment."""
    OF_THE_FUTURE = "OfTheFuture"
    """The id says it was made later than now."""
    TOO_LATE = "TooLate"
    """The prediction is older than labels may be."""
    UNKNOWN_LABEL = "UnknownLabel"
    """The label is none of the model's classes, or no number."""
    OTHER_KIND = "OtherKind"
    """The prediction is of a version with another kind of answer."""
    TOO_MANY_VERSIONS = "TooManyVersions"
    """The prediction is of an older version, and as many as can be told apart were named."""


OTHER_CODE: Final = "other"
_CODES: Final = {
    Outcome.ANSWERED: ("200", OTHER_CODE),
    Outcome.REFUSED: (
        *("400", "404", "405", "408", "411", "413", "414", "415", "417", "422", "431"),
        OTHER_CODE,
    ),
    Outcome.FAILED: ("500", "501", "503", OTHER_CODE),
}
REQUESTS: Final = tuple((outcome, code) for outcome, codes in _CODES.items() for code in codes)
"""Every outcome of a request with its status code."""

SECONDS: Final = (
    *(float(f"{digits}e{power}") for power in range(-4, 1) for digits in (1, 1.5, 2, 3, 5, 7)),
    10.0,
)
"""Upper ends of the buckets of the time that an answer takes."""

DELAYS: Final = (
    *(-86400.0, -43200.0, -21600.0, -7200.0, -3600.0, -1800.0, -600.0, -60.0),
    *(60.0, 600.0, 1800.0, 3600.0, 7200.0, 21600.0, 43200.0, 86400.0, 604800.0, 2592000.0),
)
"""Upper ends of the bins of the clock minus the time column, in seconds."""

OLDER_VERSIONS: Final = 7
"""How many older versions are told apart."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Stretches of the integers."""

    consumed: slice
    """How much of each ring is counted: rows, requests, labels."""
    requests: slice
    rows: slice
    seconds: slice
    features: slice
    out_of_contract: slice
    predictions: slice
    confidences: slice
    classes: slice
    repeated: slice
    delays: slice
    label_outcomes: slice
    labels: slice
    """(versions, bins, labels): the served version first, then older ones."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Stretches of the floats; none of them ever falls."""

    seconds: slice
    above: slice
    """Deviations above the training mean, by input."""
    below: slice
    squares: slice
    delays: slice
    """Rows from the future, then from the past."""
    over: slice
    """(versions, bins): how far predictions lay above their labels."""
    under: slice
    squared_errors: slice


@dataclass(frozen=True, slots=True)
class Layout:
    """What is counted of one model."""

    schema: ModelSchema
    profile: Profile
    kind: Kind
    labels: tuple[str, ...]
    """How labels are told apart."""
    features: tuple[tuple[str, str], ...]
    """Every bin of every input: numbers first, then Categories."""
    counts: Counts
    sums: Sums

    @classmethod
    def of(cls, schema: ModelSchema, profile: Profile) -> Self:
        """Lay out the counts of a model."""
        kind = kind_of(schema, profile)
        labels = _labels(kind, schema)
        features = tuple((one.name, name) for one in profile.inputs for name in one.bins)
        return cls(
            schema=schema,
            profile=profile,
            kind=kind,
            labels=labels,
            features=features,
            counts=_counts(schema, profile, len(features), len(labels)),
            sums=_sums(len(profile.numbers)),
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs: numbers first, then Categories."""
        return tuple(one.name for one in self.profile.inputs)

    @property
    def score_bins(self) -> tuple[str, ...]:
        """The names of the bins that labels are counted in."""
        return ("1",) if self.profile.score is None else self.profile.score.bins

    @property
    def integers(self) -> int:
        """How many integers there are."""
        return int(self.counts.labels.stop)

    @property
    def floats(self) -> int:
        """How many floats there are."""
        return int(self.sums.squared_errors.stop)


def _labels(kind: Kind, schema: ModelSchema) -> tuple[str, ...]:
    match kind:
        case Kind.SCORED:
            return tuple(label_text(label) for label in schema.classes or ())
        case Kind.CHOSEN:
            return ("false", "true")
        case Kind.ESTIMATED:
            return ("",)


def _counts(schema: ModelSchema, profile: Profile, features: int, labels: int) -> Counts:
    prediction, confidence = profile.prediction, profile.confidence
    return Counts(
        *_stretches(
            3,
            len(REQUESTS),
            len(Outcome),
            len(SECONDS) + 1,
            features,
            len(schema.inputs),
            0 if prediction is None else len(prediction.bins),
            0 if confidence is None else len(confidence.bins),
            len(schema.classes or ()),
            1,
            0 if schema.time_column is None else len(DELAYS) + 2,
            len(LabelOutcome),
            (1 + OLDER_VERSIONS) * MOST_SCORE_BINS * labels,
        )
    )


def _sums(numbers: int) -> Sums:
    feedback = (1 + OLDER_VERSIONS) * MOST_SCORE_BINS
    return Sums(*_stretches(1, numbers, numbers, numbers, 2, feedback, feedback, feedback))


def _stretches(*lengths: int) -> Iterable[slice]:
    return (slice(start, stop) for start, stop in pairwise(accumulate(lengths, initial=0)))
