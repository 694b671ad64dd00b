"""`POST /feedback`: counts the true labels of predictions.

A label is counted at most once. Its id is claimed before it is counted, so a worker that is killed
in between loses the label rather than counting it twice.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from math import isfinite
from typing import Final, NamedTuple

import msgspec

from perennial.artifacts.model_schema import Label, label_text
from perennial_serving.counters.counters import Counters
from perennial_serving.counters.layout import LabelOutcome
from perennial_serving.counters.recent_ids import RecentIds
from perennial_serving.counters.scoring import LabelKind
from perennial_serving.endpoints.prediction_id import (
    InvalidIdError,
    PredictionId,
    Verifier,
    class_hash,
)
from perennial_serving.wire.errors import RequestError, decode

_MESSAGES: Final = {
    LabelOutcome.REPEATED: "this prediction has a label already",
    LabelOutcome.MALFORMED: "this is no prediction id",
    LabelOutcome.FORGED: "the id was not issued like this: send it as it was answered",
    LabelOutcome.FOREIGN: "the id was issued by another deployment, or before its key was replaced",
    LabelOutcome.OF_THE_FUTURE: "the id says it was issued later than now",
    LabelOutcome.TOO_LATE: "the prediction is too old for a label",
    LabelOutcome.OTHER_KIND: "the prediction is of a version with another kind of answer",
    LabelOutcome.TOO_MANY_VERSIONS: "the prediction is of one older version too many",
}


class LabelRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A label of one prediction."""

    id: str
    label: bool | int | float | str


class _LabelsRequest(msgspec.Struct, forbid_unknown_fields=True):
    feedback: list[LabelRequest]


class Cell(NamedTuple):
    """The cell that counts a label."""

    version: int
    bin: int
    label: int
    error: float


class Claim(NamedTuple):
    """A valid label, counted unless its id already has one."""

    identity: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and content of the response."""

    status: HTTPStatus
    content: dict[str, object]
    """Sent as JSON."""


class Feedback:
    """Counts labels for the predictions of one deployment.

    `version` is the served version, and `limit` the most labels per request.
    """

    def __init__(
        self, counters: Counters, verifier: Verifier, ids: RecentIds, version: str, limit: int
    ) -> None:
        self._counters = counters
        self._verifier = verifier
        self._ids = ids
        self._version = version
        self._limit = limit
        self._kind = counters.layout.kind
        classes = counters.layout.schema.classes
        self._classes = None if classes is None else {label_text(label) for label in classes}
        self._labels = {label: at for at, label in enumerate(counters.layout.labels)}

    def take(self, body: bytes, now: float) -> Reply:
        """Count labels; the reply states the outcome of each, in order."""
        labels = self._read(body)
        checked = [self._check(label, now) for label in labels]
        outcomes = list(self._count(checked))
        numbers = Counter(outcomes)
        counted, repeated = numbers[LabelOutcome.COUNTED], numbers[LabelOutcome.REPEATED]
        refused = len(labels) - counted - repeated
        content: dict[str, object] = {
            "counted": counted,
            "repeated": repeated,
            "refused": refused,
            "feedback": [self._entry(outcome) for outcome in outcomes],
        }
        is_refused = refused == len(labels)
        return Reply(HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK, content)

    def _read(self, body: bytes) -> list[LabelRequest]:
        is_several = _KEY.search(body) is not None
        labels = decode(_SEVERAL, body).feedback if is_several else [decode(_SINGLE, body)]
        if not labels:
            raise RequestError("there are no labels", "$.feedback")
        if len(labels) > self._limit:
            raise RequestError(
                f"{len(labels)} labels are too many: send at most {self._limit} in one request",
                "$.feedback",
                status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            )
        return labels

    def _check(self, label: LabelRequest, now: float) -> Claim | LabelOutcome:
        try:
            issued = self._verifier.verify(label.id, now)
        except InvalidIdError as error:
            return error.outcome
        if issued.kind is not self._kind:
            return LabelOutcome.OTHER_KIND
        known = self._known(label.label)
        if known is None:
            return LabelOutcome.UNKNOWN_LABEL
        version = self._position(issued.version)
        if version is None:
            return LabelOutcome.TOO_MANY_VERSIONS
        return Claim(issued.identity, self._cell(issued, version, known))

    def _position(self, version: str) -> int | None:
        return 0 if version == self._version else self._counters.older_version(version)

    def _known(self, label: Label | float) -> str | float | None:
        """Return a valid label: a number for a regression, else the text of a class."""
        if self._classes is None:
            return _number(label)
        if isinstance(label, float) and label.is_integer():  # some clients write 5 as 5.0
            label = int(label)
        text = label_text(label) if isinstance(label, Label) else None
        return text if text in self._classes else None

    def _cell(self, issued: PredictionId, version: int, known: str | float) -> Cell:
        match self._kind, known:
            case LabelKind.SCORED, str():
                return Cell(version, issued.bin, self._labels[known], 0.0)
            case LabelKind.CHOSEN, str():
                is_right = class_hash(known) == issued.class_hash
                return Cell(version, issued.bin, int(is_right), 0.0)
            case _, number:
                return Cell(version, issued.bin, 0, issued.number - float(number))

    def _count(self, checked: Sequence[Claim | LabelOutcome]) -> Iterator[LabelOutcome]:
        claims = [label for label in checked if isinstance(label, Claim)]
        is_new = iter(self._ids.claim([claim.identity for claim in claims]))
        for label in checked:
            if isinstance(label, Claim) and next(is_new):
                self._counters.label(LabelOutcome.COUNTED, *label.cell)
                yield LabelOutcome.COUNTED
            else:
                outcome = LabelOutcome.REPEATED if isinstance(label, Claim) else label
                self._counters.label(outcome)
                yield outcome

    def _entry(self, outcome: LabelOutcome) -> dict[str, str]:
        if outcome is LabelOutcome.COUNTED:
            return {"outcome": outcome}
        return {"outcome": outcome, "message": _MESSAGES.get(outcome) or self._expected()}

    def _expected(self) -> str:
        if self._classes is None:
            return "the label of a regression is a number"
        return f"the model's classes are {', '.join(sorted(self._classes))}"


_KEY: Final = re.compile(rb'"feedback"\s*:')  # without the colon it would be a label
_SINGLE: Final = msgspec.json.Decoder(LabelRequest)
_SEVERAL: Final = msgspec.json.Decoder(_LabelsRequest)


def _number(label: Label | float) -> float | None:
    if isinstance(label, bool | str):
        return None
    try:
        number = float(label)
    except OverflowError:
        return None
    return number if isfinite(number) else None
