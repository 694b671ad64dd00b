"""What a slipped export led to, as a short story with times, and its promises."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from demo.summary import TOLERANCE, beside
from harness.witness import Testimony

USUAL_VERDICT = 15
"""Seconds from the first answer of the slipped version to the verdict, on two idle cores."""


@dataclass(frozen=True, slots=True)
class Times:
    """When something happened, in seconds since the export arrived."""

    trained: float
    first_answer: float
    verdict: float
    last_answer: float
    applied_again: float


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that was seen."""

    times: Times
    before: Mapping[str, Any]
    """The evaluation of the version that serves."""
    recorded: Mapping[str, Any]
    """The evaluation of the slipped version: its held-out flights slipped alike."""
    auc: float
    """AUC of the slipped version on the flights as users ask about them."""
    called_late: float
    """Share of the flights that it calls late."""
    called_late_before: float
    rejected: Mapping[str, Any]
    known_bad: str
    """What the status says about the rejection at the end; empty if it says nothing."""
    requests: int
    """Requests that were answered."""
    answered_by_it: int
    """How many of them the slipped version answered."""
    failures: tuple[str, ...]
    largest_difference: float
    """Between any answer to a user, and what the pipeline of the version that gave it says."""
    came_back: bool
    """Whether it got traffic again after the manifests were applied again."""
    gaps: tuple[str, ...] = ()
    statuses: Testimony = field(default_factory=Testimony)

    def problem(self) -> str | None:
        """Return the first promise that was not kept; how long something took is none."""
        return next(self._broken_promises(), None)

    def _broken_promises(self) -> Iterator[str]:
        yield from self.gaps
        for objection in self.statuses.objections:
            yield f"a status was not true: {objection}"
        if self.failures:
            yield f"{len(self.failures)} requests of users failed, none may: {self.failures[0]}"
        if not self.largest_difference <= TOLERANCE:
            yield (
                f"an answer to a user and the pipeline differ by {self.largest_difference:.3g}, "
                f"at most {TOLERANCE:.0e} is allowed"
            )
        if self.rejected["reason"] != "GateFailed" or "predictions" not in self.rejected["message"]:
            yield f"the slipped version was rejected for another reason: {self.rejected['message']}"
        if self.came_back:
            yield "the rejected version came back when the manifests were applied again"
        if not self.known_bad:
            yield "no condition says that the version was rejected"


def story(told: Story) -> Table:
    """Draw what happened."""
    times = told.times
    table = Table(title="An export whose columns slipped by one", show_header=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    came_back = "it" if told.came_back else "nothing"
    moments = (
        (0.0, "the export arrives; a contract without ranges takes it"),
        (times.trained, f"trained, all gates passed: {_compared(told)} offline"),
        (times.first_answer, "canary: the first answer of the slipped version to a user"),
        (times.verdict, f"rejected {told.rejected['message']}"),
        (times.last_answer, "its last answer; the former version has all users"),
        (times.applied_again, f"the manifests are applied again: {came_back} comes back"),
    )
    for at, words in moments:
        table.add_row(f"{at:.1f} s", words)
    table.add_section()
    verdict = times.verdict - times.first_answer
    table.add_row("verdict", f"after {beside(verdict, USUAL_VERDICT)} of traffic")
    table.add_row(
        "users",
        f"{told.requests:,} requests, {len(told.failures)} failed, "
        f"{told.answered_by_it:,} answered by the slipped version",
    )
    seen = told.statuses
    agreed = f"{seen.states} states, {seen.ready} of them Ready, {len(seen.objections)} untrue"
    table.add_row(
        "statuses", f"{agreed}; answers and pipelines at most {told.largest_difference:.1e} apart"
    )
    table.add_row(
        "all users\nwould have got",
        f"AUC {told.auc:.3f} instead of {_auc(told.before)}, and {told.called_late:.0%} of the "
        f"flights called late instead of {told.called_late_before:.0%}",
    )
    return table


def _compared(told: Story) -> str:
    return f"AUC {_auc(told.recorded)} after {_auc(told.before)}"


def _auc(evaluation: Mapping[str, Any]) -> str:
    return f"{float(evaluation['metrics']['roc_auc']['value']):.3f}"
