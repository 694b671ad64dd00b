"""What a rollout wants to know: which counts to gather, and how to judge them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from perennial.api.analysis import Analysis, CustomGate
from perennial.api.rollout_status import Baseline, RolloutGate


class Versions(NamedTuple):
    """The names of two ModelVersions; a changed server has one and the same."""

    candidate: str
    stable: str


@dataclass(frozen=True, slots=True)
class Source:
    """The series of one rollout, and the blocks in which they are counted."""

    namespace: str
    name: str
    namespace_label: str
    """The label in which Prometheus keeps the namespace of a pod."""
    candidate: str
    """The revision that is judged."""
    stable: str
    """The revision that it is compared with."""
    stable_since: datetime
    """When stable got the traffic: its history begins then, or a day before the rollout."""
    begin: datetime
    """When the first block begins."""
    interval: timedelta
    warm_up: timedelta
    custom: tuple[CustomGate, ...]
    """Gates on counters of the team's own."""
    versions: Versions
    """The ModelVersions of candidate and stable, which custom counters name."""
    created: datetime
    """When the rollout began: the candidate's processes that started since then count from zero."""


@dataclass(frozen=True, slots=True)
class Question:
    """One look at the evidence of a rollout. Equal questions have equal answers."""

    source: Source
    baseline: Baseline | None
    """None: it is to be measured first."""
    rules: Analysis
    steps: int
    """Number of steps that are judged."""
    step_starts: tuple[datetime, ...]
    """When the evidence of each step so far begins."""
    watch_start: datetime | None = None
    """When the watch began; None before it."""

    def step_of(self, block_start: datetime) -> int:
        """Return the step that a block belongs to, counted from 0."""
        return max(0, sum(start <= block_start for start in self.step_starts) - 1)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question."""

    question: Question
    baseline: Baseline | None
    gates: tuple[RolloutGate, ...] = ()
    evaluated_at: datetime | None = None
    """End of the last block; None before the first one."""
