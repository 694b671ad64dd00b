"""The position of each count and sum, shared by counting and rendering.

Counts are 64-bit integers and sums are floats. Both arrays are divided into slices, in the order of
the fields of `Counts` and `Sums`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Final, Self

from perennial.artifacts.model_schema import ModelSchema, label_text
from perennial.artifacts.profile import MOST_SCORE_BINS, Profile
from perennial_serving.counters.scoring import LabelKind, label_kind


class Outcome(StrEnum):
    """The outcome of a request for predictions, and of its rows."""

    ANSWERED = "answered"
    """Status 2xx."""
    REFUSED = "refused"
    """Status 4xx: an error of the client."""
    FAILED = "failed"
    """Status 5xx: an error of the server."""


class ExplicitOutcome(StrEnum):
    """The outcome of a request for predictions that names its revision."""

    ANSWERED = "answered"
    """Status 2xx."""
    REFUSED = "refused"
    """Status 4xx: an error of the client."""
    FAILED = "failed"
    """Status 5xx: an error of the server."""
    MISDIRECTED = "misdirected"
    """Status 421: the request names another revision."""


class LabelOutcome(StrEnum):
    """The outcome of one label."""

    COUNTED = "Counted"
    REPEATED = "Repeated"
    """The prediction already has a label; this one is not counted."""
    MALFORMED = "Malformed"
    """The id is not a prediction id."""
    FORGED = "Forged"
    """The signature of the id is wrong."""
    FOREIGN = "Foreign"
    """The id was issued by another deployment."""
    OF_THE_FUTURE = "OfTheFuture"
    """The id was issued later than now."""
    TOO_LATE = "TooLate"
    """The prediction is too old to be labelled."""
    UNKNOWN_LABEL = "UnknownLabel"
    """The label is not a class of the model, or not a number."""
    OTHER_KIND = "OtherKind"
    """The prediction was made by a version with another kind of prediction."""
    TOO_MANY_VERSIONS = "TooManyVersions"
    """The prediction was made by an older version, and the server tracks no further ones."""


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
"""All pairs of outcome and status code that are counted."""

SECONDS: Final = (
    *(float(f"{digits}e{power}") for power in range(-4, 1) for digits in (1, 1.5, 2, 3, 5, 7)),
    10.0,
)
"""Upper bounds of the buckets of the response time."""

DELAYS: Final = (
    *(-86400.0, -43200.0, -21600.0, -7200.0, -3600.0, -1800.0, -600.0, -60.0),
    *(60.0, 600.0, 1800.0, 3600.0, 7200.0, 21600.0, 43200.0, 86400.0, 604800.0, 2592000.0),
)
"""Upper bounds of the bins of current time minus time column, in seconds."""

OLDER_VERSIONS: Final = 7
"""Number of older versions that labels are counted for."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Slices of the integers."""

    consumed: slice
    """Records of each ring that are counted: rows, requests, labels."""
    requests: slice
    explicit_requests: slice
    """Requests that name their revision; follows `requests`, because one index covers both."""
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
    """(versions, bins, labels): the served version, then older ones."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Slices of the floats; every sum is monotonic."""

    seconds: slice
    above: slice
    """Deviations above the training mean, by input."""
    below: slice
    squares: slice
    delays: slice
    """Rows in the future, then rows in the past."""
    over: slice
    """(versions, bins): sum of how far predictions were above their labels."""
    under: slice
    squared_errors: slice


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout for one model."""

    schema: ModelSchema
    profile: Profile
    kind: LabelKind
    labels: tuple[str, ...]
    """The label values that are counted apart."""
    features: tuple[tuple[str, str], ...]
    """Every bin of every input: numbers first, then Categories."""
    counts: Counts
    sums: Sums

    @classmethod
    def of(cls, schema: ModelSchema, profile: Profile) -> Self:
        """Return the layout for a model."""
        kind = label_kind(schema, profile)
        labels = _labels(kind, schema)
        features = tuple((column.name, name) for column in profile.inputs for name in column.bins)
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
        return tuple(column.name for column in self.profile.inputs)

    @property
    def score_bins(self) -> tuple[str, ...]:
        """The names of the bins that labels are counted in."""
        return ("1",) if self.profile.score is None else self.profile.score.bins

    @property
    def integers(self) -> int:
        """Number of integers."""
        return int(self.counts.labels.stop)

    @property
    def floats(self) -> int:
        """Number of floats."""
        return int(self.sums.squared_errors.stop)


def _labels(kind: LabelKind, schema: ModelSchema) -> tuple[str, ...]:
    match kind:
        case LabelKind.SCORED:
            return tuple(label_text(label) for label in schema.classes or ())
        case LabelKind.CHOSEN:
            return ("false", "true")
        case LabelKind.ESTIMATED:
            return ("",)


def _counts(schema: ModelSchema, profile: Profile, features: int, labels: int) -> Counts:
    prediction, confidence = profile.prediction, profile.confidence
    return Counts(
        *_slices(
            3,
            len(REQUESTS),
            len(ExplicitOutcome),
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
    return Sums(*_slices(1, numbers, numbers, numbers, 2, feedback, feedback, feedback))


def _slices(*lengths: int) -> Iterable[slice]:
    return (slice(start, stop) for start, stop in pairwise(accumulate(lengths, initial=0)))
