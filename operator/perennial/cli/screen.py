"""The screen of `kubectl perennial status`: what serves, what is coming, and why it waits."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from perennial.api.model_deployment import RevisionStatus
from perennial.api.rollout_status import RolloutGate, RolloutStatus
from perennial.cli.output import STYLES, age, indented, table
from perennial.cli.progress import position
from perennial.cli.report import Report

_ROLES: Final = ("stable", "candidate", "former")
_UNITS: Final = {"Ratio": " times", "Rate": "", "Shift": " PSI"}


def screen(report: Report, now: datetime) -> Iterator[RenderableType]:
    """Yield the sections of the screen; those without content are left out."""
    yield from _head(report)
    yield from _revisions(report, now)
    revision = report.candidate or report.stable
    if report.rollout and revision:
        yield from _rollout(report.rollout, revision, now)
    yield from _rejected(report, now)
    yield from _decisions(report, now)
    yield from _conditions(report, now)
    yield from _events(report, now)


def _head(report: Report) -> Iterator[RenderableType]:
    yield Text(f"ModelDeployment {report.namespace}/{report.name}")
    if report.url:
        yield Text(report.url)
    paused = " (spec.paused is true)" if report.paused else ""
    yield Text.assemble((report.state, STYLES.get(report.state, "")), f"{paused}: {report.message}")


def _revisions(report: Report, now: datetime) -> Iterator[RenderableType]:
    roles = (report.stable, report.candidate, report.former)
    rows = [
        (
            *(role, _weight(each), f"{each.ready}/{each.replicas}", age(each.since, now)),
            *(each.revision, each.version),
        )
        for role, each in zip(_ROLES, roles, strict=True)
        if each
    ]
    if rows:
        yield ""
        yield table(("ROLE", "WEIGHT", "READY", "SINCE", "REVISION", "VERSION"), rows)


def _rollout(
    rollout: RolloutStatus, revision: RevisionStatus, now: datetime
) -> Iterator[RenderableType]:
    yield ""
    yield Text(_position(rollout, revision, now))
    if rollout.gates:
        yield ""
        headings = ("GATE", "OUTCOME", "NUMBER (INTERVAL)", "LIMIT", "SAMPLES", "LEFT")
        yield table(headings, map(_gate, rollout.gates))
        yield from map(indented, _explanations(rollout.gates))


def _position(rollout: RolloutStatus, revision: RevisionStatus, now: datetime) -> str:
    """Return where a rollout is, in one sentence."""
    since, started = age(rollout.stage_since, now), age(rollout.started_at, now)
    if rollout.watch and rollout.stage == "Watching":
        return f"Watch of {revision.version} for {since} of {rollout.watch.duration}"
    kind = "Return" if rollout.returning else rollout.strategy
    steps = " ".join(f"{step.weight} %" for step in rollout.steps)
    return (
        f"{kind}, {position(rollout)}{f' ({steps} 100 %)' if steps else ''}: {revision.version} "
        f"is to have {rollout.weight} % of the traffic, {rollout.stage} for {since}, "
        f"started {started} ago"
    )


def _gate(gate: RolloutGate) -> tuple[object, ...]:
    unit = _UNITS.get(gate.measure or "", "")
    number = f"{gate.estimate}{unit}" if gate.estimate else "-"
    if gate.low or gate.high:
        number = f"{number} ({gate.low or '0'} to {gate.high or '?'})"
    samples = f"{gate.samples}/{gate.required}" if gate.required else gate.samples
    return gate.name, gate.outcome, number, gate.limit, samples, gate.time_left


def _explanations(gates: Sequence[RolloutGate]) -> Iterator[str]:
    """Yield a line for each gate that is not passed."""
    for gate in gates:
        if gate.outcome != "Passed":
            yield f"{gate.name} (if it fails: {gate.on_failed}): {gate.message or gate.outcome}"


def _rejected(report: Report, now: datetime) -> Iterator[RenderableType]:
    for each in report.rejected:
        yield ""
        when = f"{age(each.at, now)} ago"
        yield Text(f"Rejected {when}: {each.version} ({each.revision}), {each.reason}")
        yield indented(each.message)


def _decisions(report: Report, now: datetime) -> Iterator[RenderableType]:
    rows = [
        (age(each.at, now), each.outcome, f"{each.verdict} by {each.by}: {each.message}")
        for each in report.decisions
    ]
    if rows:
        yield ""
        yield table(("AGE", "OUTCOME", "DECISION"), rows)


def _conditions(report: Report, now: datetime) -> Iterator[RenderableType]:
    """Yield the conditions; a message that is on the screen already is not repeated."""
    shown, rows = {report.message}, list[tuple[str, ...]]()
    for each in report.conditions:
        text = f"{each.reason}: {each.message}"
        last = each.reason if text in shown else text
        rows.append((each.type, each.status, age(each.last_transition_time, now), last))
        shown.add(text)
    if rows:
        yield ""
        yield table(("CONDITION", "STATUS", "AGE", "REASON AND MESSAGE"), rows)


def _events(report: Report, now: datetime) -> Iterator[RenderableType]:
    rows = [
        (age(each.at, now), each.type, f"{each.count}x", f"{each.reason}: {each.message}")
        for each in report.events
    ]
    if rows:
        yield ""
        yield table(("AGE", "EVENT", "SEEN", "REASON AND MESSAGE"), rows)


def _weight(revision: RevisionStatus) -> str:
    return "-" if revision.weight is None else f"{revision.weight} %"
