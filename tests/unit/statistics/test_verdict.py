import pytest

from perennial.statistics.verdict import Findings, Outcome


@pytest.mark.parametrize(
    ("findings", "outcome"),
    [
        (Findings(fresh=False, failed=True, passed=False, samples=900, required=500), "NoData"),
        (Findings(fresh=True, failed=False, passed=True, samples=0, required=0), "NoData"),
        (Findings(fresh=True, failed=True, passed=True, samples=9, required=500), "Failed"),
        (Findings(fresh=True, failed=False, passed=True, samples=9, required=500), "TooFewSamples"),
        (Findings(fresh=True, failed=False, passed=True, samples=500, required=500), "Passed"),
        (
            Findings(fresh=True, failed=False, passed=False, samples=900, required=500),
            "Inconclusive",
        ),
    ],
)
def test_too_few_samples_hold_a_promotion_and_never_a_rollback(findings, outcome):
    assert findings.outcome() is Outcome(outcome)
