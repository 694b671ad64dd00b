"""Every reason that can stand in a condition is explained to people."""

import pytest

from harness.paths import ROOT
from perennial.api.reasons import JobReason, Progress, SpecReason

PAGE = (ROOT / "docs/troubleshooting.md").read_text()

WELL = {
    *("FirstSnapshot", "ContractChanged", "RefreshDue", "RetrainingDue"),
    *("SnapshotReady", "SnapshotTaken"),
    *("Training", "VersionMade", "VersionReady", "GatesPassed", "Serving"),
    *("Applied", "PoliciesEnforced"),
}
"""Reasons that need no help."""


@pytest.mark.parametrize("reason", sorted({*JobReason, *SpecReason, *Progress} - WELL))
def test_a_reason_is_explained(reason):
    assert f"`{reason}`" in PAGE
