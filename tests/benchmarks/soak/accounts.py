"""Whether the server's counts are what was sent, exactly."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.soak.traffic import PlannedRequest
from builders.artifact import INPUTS

BAD_REQUEST = 400
BY_ROW = ("perennial_prediction_bin", "perennial_confidence_bin", "perennial_class")


@dataclass
class Account:
    """Numbers by what became of each request, row and label."""

    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    """What every row, request or label adds one to, by the name of the metric."""

    @property
    def answered_rows(self) -> int:
        return self.rows["answered"]

    def falls_behind(self, before: "Account") -> bool:
        """Whether a count is smaller than it was."""
        return any(
            earlier - now for earlier, now in zip(before.counters(), self.counters(), strict=True)
        )

    def counters(self) -> Iterator[Counter]:
        yield from (self.requests, self.rows, self.labels, self.sums)


def sent(requests: Iterable[PlannedRequest], labels: Counter[str]) -> Account:
    """Return what the server must have counted."""
    account = Account(labels=labels)
    for request in {id(one): one for one in requests if one.is_counted}.values():
        outcome = "refused" if request.status >= BAD_REQUEST else "answered"
        account.requests[outcome, str(request.status)] += request.answered
        account.rows[outcome] += request.rows * request.answered
    answered = sum(
        number for (outcome, _), number in account.requests.items() if outcome == "answered"
    )
    account.sums["perennial_request_seconds"] = answered
    account.sums["perennial_feedback_bin"] = labels["Counted"]
    features = [_feature_bins(one.name) for one in INPUTS]
    account.sums |= dict.fromkeys((*BY_ROW, *features), account.answered_rows)
    return account


def counted(metrics: str) -> Account:
    """Return what a scrape says."""
    account = Account()
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            value, labels = int(sample.value), sample.labels
            match sample.name:
                case "perennial_requests_total":
                    account.requests[labels["outcome"], labels["code"]] += value
                case "perennial_rows_total":
                    account.rows[labels["outcome"]] += value
                case "perennial_feedback_total":
                    account.labels[labels["outcome"]] += value
                case "perennial_feature_bin_total":
                    account.sums[_feature_bins(labels["feature"])] += value
                case "perennial_request_seconds_count":
                    account.sums[family.name] += value
                case name if name.removesuffix("_total") in {*BY_ROW, "perennial_feedback_bin"}:
                    account.sums[family.name] += value
    return account


def differences(sent: Account, counted: Account) -> Iterator[str]:
    """Say of each count that is not what was sent by how much it is wrong."""
    for expected, found in zip(sent.counters(), counted.counters(), strict=True):
        for name in expected.keys() | found.keys():
            if expected[name] != found[name]:
                yield f"{name}: {expected[name]} sent, {found[name]} counted"


def _feature_bins(feature: str) -> str:
    return f"perennial_feature_bin of {feature}"
