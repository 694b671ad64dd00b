"""Labels for some of the predictions: good ones, some of them twice, and some for a made-up id."""

import re
from collections import Counter, deque
from functools import partial
from itertools import islice

from benchmarks.soak.traffic import PlannedRequest, feedback

ID = re.compile(rb'"prediction_id":"([^"]+)"')
LABELS_EACH = 32
REPEATED_EACH = 8  # one of so many lists of labels is sent again
FORGED = 2


class Labels:
    """Collects prediction ids from answers; what is to be sent goes to a queue."""

    def __init__(self, urgent: deque[PlannedRequest]) -> None:
        self.outcomes: Counter[str] = Counter()
        """What must have become of every label so far."""
        self._urgent = urgent
        self._ids: deque[str] = deque()
        self._lists = 0

    def collect(self, answer: bytes) -> None:
        self._ids += (found.decode() for found in ID.findall(answer))
        while len(self._ids) >= LABELS_EACH:
            self._label([self._ids.popleft() for _ in range(LABELS_EACH)])

    def _label(self, ids: list[str]) -> None:
        self._lists += 1
        labels = [(id_, place % 3 == 0) for place, id_ in enumerate(ids)]
        forged = [(_forged(id_), True) for id_ in islice(ids, FORGED)]
        repeats = self._lists % REPEATED_EACH == 0
        expected = Counter(Counted=len(labels), Forged=len(forged))
        answered = partial(self._answered, expected, labels if repeats else [])
        self._urgent.append(feedback(labels + forged, 200, answered))

    def _answered(self, expected: Counter[str], again: list[tuple[str, bool]], _: bytes) -> None:
        self.outcomes += expected
        if again:
            repeated = partial(self._answered, Counter(Repeated=len(again)), [])
            self._urgent.append(feedback(again, 200, repeated))


def _forged(id_: str) -> str:
    """Return an id with one letter of its signature changed."""
    return id_[:-1] + ("A" if id_[-1] != "A" else "B")
