"""Typed fields in, PromQL out: every selector is pinned to one namespace."""

from collections.abc import Iterable
from typing import NamedTuple, NewType

from perennial.prometheus.families import OWN_LABELS, START
from perennial.prometheus.grid import Grid

SAMPLE_TIME = "perennial_sample_time"
"""Marks series whose values are the times of samples."""
_SPECIAL = frozenset(r"\.+*?()|[]{}^$")

PinnedSelector = NewType("PinnedSelector", str)
"""A tenant's vector selector after `guard.pinned`: of one metric, and of one namespace."""


class SeriesLabels(NamedTuple):
    """The names of the labels that a scrape adds; an administrator configures them."""

    namespace: str = "namespace"
    pod: str = "pod"


class Scope(NamedTuple):
    """The series of one ModelDeployment."""

    namespace: str
    deployment: str
    labels: SeriesLabels = SeriesLabels()
    families: tuple[str, ...] = tuple(OWN_LABELS)
    """Families to read; start times come with them."""


class Matcher(NamedTuple):
    """One condition of a selector; `op` is `=`, `!=`, `=~` or `!~`."""

    label: str
    op: str
    value: str


class InstantQuery(NamedTuple):
    """One expression at one moment, in seconds of 1970."""

    expression: str
    time: float


class RangeQuery(NamedTuple):
    """One expression at `start`, `start + step` ... `end`, in seconds of 1970."""

    expression: str
    start: float
    end: float
    step: float


def edge_values(scope: Scope, grid: Grid, first: int, last: int) -> RangeQuery:
    """Return the one query for all families of a deployment at the edges `first` to `last`.

    It brings the last sample of each series, the times of the newest samples, and the series
    that Prometheus has renamed to `exported_*`, because a scrape added labels of these names.
    """
    lookback = f"[{_duration(grid.lookback)}]"
    renamed = selector(START, _own(scope, deployment="exported_deployment"))
    newest = f"timestamp({selector(START, _own(scope))})"
    parts = (
        f"last_over_time({_families(scope)}{lookback})",
        f"last_over_time({renamed}{lookback})",
        f'label_replace({newest},"{SAMPLE_TIME}","1","","")',
    )
    return RangeQuery(" or ".join(parts), grid.edge(first), grid.edge(last), grid.interval)


def samples(scope: Scope, pods: Iterable[str], since: float, until: float) -> InstantQuery:
    """Return the query for the raw samples of some pods from `since` to `until`, both included."""
    names = "|".join(_literal(pod) for pod in sorted(pods))
    pinned = _families(scope, Matcher(scope.labels.pod, "=~", names))
    return InstantQuery(f"{pinned}[{_duration(until - since)}]", until)


def custom_values(
    pinned: PinnedSelector, version_label: str, grid: Grid, first: int, last: int
) -> RangeQuery:
    """Return the query for a tenant's counters at the edges `first` to `last`.

    `version_label` has passed `guard.label_name`.
    """
    lookback = _duration(grid.lookback)
    newest = f"max by ({version_label}) (timestamp({pinned}))"
    parts = (
        f"last_over_time({pinned}[{lookback}])",
        f'label_replace({newest},"{SAMPLE_TIME}","1","","")',
    )
    return RangeQuery(" or ".join(parts), grid.edge(first), grid.edge(last), grid.interval)


def selector(name: str, matchers: Iterable[Matcher]) -> str:
    """Return a vector selector; empty `name`: the matchers choose the metric."""
    inner = ",".join(f"{label}{op}{quoted(value)}" for label, op, value in matchers)
    return f"{name}{{{inner}}}"


def quoted(value: str) -> str:
    """Return a PromQL string literal; it escapes as Go does."""
    return '"' + "".join(_escaped(character) for character in value) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _families(scope: Scope, *more: Matcher) -> str:
    names = "|".join(sorted({START, *scope.families}))
    return selector("", (Matcher("__name__", "=~", names), *_own(scope), *more))


def _own(scope: Scope, deployment: str = "deployment") -> tuple[Matcher, ...]:
    return (
        Matcher(scope.labels.namespace, "=", scope.namespace),
        Matcher(deployment, "=", scope.deployment),
    )


def _literal(text: str) -> str:
    """Return a regular expression (RE2) that matches this text alone."""
    return "".join("\\" + character if character in _SPECIAL else character for character in text)


def _duration(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"
