"""`POST /feedback`: what became true of predictions, counted beside what was said of them.

A label is counted once: ids are remembered before they are counted, so that a worker's sudden end
can lose the label that it was at, and count none twice.
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
from perennial_serving.counters.scoring import Kind
from perennial_serving.endpoints.prediction_id import Issued, RefusedIdError, Verifier, class_hash
from perennial_serving.wire.errors import Refusal, decode

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


class Given(msgspec.Struct, forbid_unknown_fields=True):
    """A label as it is sent."""

    id: str
    label: bool | int | float | str


class _Several(msgspec.Struct, forbid_unknown_fields=True):
    feedback: list[Given]


class Cell(NamedTuple):
    """Where a label counts."""

    version: int
    bin: int
    label: int
    error: float


class Claim(NamedTuple):
    """A label that counts unless its id has one already."""

    identity: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: HTTPStatus
    content: dict[str, object]
    """To be sent as JSON."""


class Feedback:
    """Takes labels for the predictions of one deployment."""

    def __init__(
        self, counters: Counters, verifier: Verifier, ids: RecentIds, version: str, limit: int
    ) -> None:
        """Count under the version that is served, and at most so many labels of one request."""
        self._counters = counters
        self._verifier = verifier
        self._ids = ids
        self._version = version
        self._limit = limit
        self._kind = counters.layout.kind
        classes = counters.layout.schema.classes
        self._classes = None if classes is None else {label_text(one) for one in classes}
        self._labels = {label: place for place, label in enumerate(counters.layout.labels)}

    def take(self, body: bytes, now: float) -> Reply:
        """Count what can be counted; say of each label what became of it, in their order."""
        given = self._given(body)
        judged = [self._judged(one, now) for one in given]
        outcomes = list(self._counted(judged))
        numbers = Counter(outcomes)
        counted, repeated = numbers[LabelOutcome.COUNTED], numbers[LabelOutcome.REPEATED]
        refused = len(given) - counted - repeated
        content: dict[str, object] = {
            "counted": counted,
            "repeated": repeated,
            "refused": refused,
            "feedback": [self._told(outcome) for outcome in outcomes],
        }
        is_refused = refused == len(given)
        return Reply(HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK, content)

    def _given(self, body: bytes) -> list[Given]:
        is_several = _KEY.search(body) is not None
        given = decode(_SEVERAL, body).feedback if is_several else [decode(_ONE, body)]
        if not given:
            raise Refusal("there are no labels", "$.feedback")
        if len(given) > self._limit:
            raise Refusal(
                f"{len(given)} labels are too many: send at most {self._limit} in one request",
                "$.feedback",
                status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            )
        return given

    def _judged(self, given: Given, now: float) -> Claim | LabelOutcome:
        try:
            issued = self._verifier.verify(given.id, now)
        except RefusedIdError as refused:
            return refused.outcome
        if issued.kind is not self._kind:
            return LabelOutcome.OTHER_KIND
        known = self._known(given.label)
        if known is None:
            return LabelOutcome.UNKNOWN_LABEL
        version = self._position(issued.version)
        if version is None:
            return LabelOutcome.TOO_MANY_VERSIONS
        return Claim(issued.identity, self._cell(issued, version, known))

    def _position(self, version: str) -> int | None:
        return 0 if version == self._version else self._counters.older_version(version)

    def _known(self, label: Label | float) -> str | float | None:
        """Return a label of this model: a number of a regression, the text of a class."""
        if self._classes is None:
            return _number(label)
        if isinstance(label, float) and label.is_integer():  # 5.0 is how some clients write 5
            label = int(label)
        text = label_text(label) if isinstance(label, Label) else None
        return text if text in self._classes else None

    def _cell(self, issued: Issued, version: int, known: str | float) -> Cell:
        match self._kind, known:
            case Kind.SCORED, str():
                return Cell(version, issued.bin, self._labels[known], 0.0)
            case Kind.CHOSEN, str():
                is_right = class_hash(known) == issued.class_hash
                return Cell(version, issued.bin, int(is_right), 0.0)
            case _, number:
                return Cell(version, issued.bin, 0, issued.number - float(number))

    def _counted(self, judged: Sequence[Claim | LabelOutcome]) -> Iterator[LabelOutcome]:
        claims = [one for one in judged if isinstance(one, Claim)]
        is_new = iter(self._ids.claim([one.identity for one in claims]))
        for one in judged:
            if isinstance(one, Claim) and next(is_new):
                self._counters.label(LabelOutcome.COUNTED, *one.cell)
                yield LabelOutcome.COUNTED
            else:
                outcome = LabelOutcome.REPEATED if isinstance(one, Claim) else one
                self._counters.label(outcome)
                yield outcome

    def _told(self, outcome: LabelOutcome) -> dict[str, str]:
        if outcome is LabelOutcome.COUNTED:
            return {"outcome": outcome}
        return {"outcome": outcome, "message": _MESSAGES.get(outcome) or self._expected()}

    def _expected(self) -> str:
        if self._classes is None:
            return "the label of a regression is a number"
        return f"the model's classes are {', '.join(sorted(self._classes))}"


_KEY: Final = re.compile(rb'"feedback"\s*:')  # without the colon it is a label
_ONE: Final = msgspec.json.Decoder(Given)
_SEVERAL: Final = msgspec.json.Decoder(_Several)


def _number(label: Label | float) -> float | None:
    if isinstance(label, bool | str):
        return None
    try:
        number = float(label)
    except OverflowError:
        return None
    return number if isfinite(number) else None
