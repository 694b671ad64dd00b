from datetime import timedelta

import pytest

from perennial.cli.options import duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("1h0m5s", 3605)]
)
def test_a_duration_is_read_as_kubectl_reads_it(text, seconds):
    assert duration(text) == timedelta(seconds=seconds)
