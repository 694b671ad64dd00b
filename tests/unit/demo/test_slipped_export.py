import io

import numpy as np
import pandas as pd
import pytest

from builders.examples import documents
from builders.snapshot import snapshot
from demo.flights import NUMBERS, flights, parquet_files, slipped
from perennial.api.dataset import DatasetSpec
from perennial.api.reasons import JobReason
from perennial.jobs.report import JobFailure

ROWS = 2_000


@pytest.fixture(scope="module")
def good():
    return flights((1,)).head(ROWS)


@pytest.fixture(scope="module")
def bad(good):
    return slipped(good)


def contract(example):
    """Return the contract of an example, for fewer rows in another place."""
    spec = documents(example)[0]["spec"]
    source = {"object": {"path": "raw/", "format": "Parquet"}}
    quality = {**spec["quality"], "minRows": 1}
    return DatasetSpec.model_validate({**spec, "source": source, "quality": quality})


def test_each_number_stands_under_the_name_of_the_next(good, bad):
    for name, following in zip(NUMBERS, [*NUMBERS[1:], NUMBERS[0]], strict=True):
        assert np.array_equal(bad[following], good[name], equal_nan=True)


def test_everything_else_stays(good, bad):
    others = [name for name in good if name not in NUMBERS]
    assert list(bad) == list(good)
    pd.testing.assert_frame_equal(bad[others], good[others])


def test_an_export_is_read_back_as_it_was(bad):
    parts = [pd.read_parquet(io.BytesIO(part)) for part in parquet_files(bad).values()]
    assert len(pd.concat(parts)) == ROWS


def test_a_contract_with_ranges_refuses_the_slipped_export(bad, tmp_path):
    with pytest.raises(JobFailure) as failure:
        snapshot(tmp_path, parquet_files(bad), contract("flights.yaml"))
    assert failure.value.reason == JobReason.QUALITY_FAILED


@pytest.mark.parametrize("which", ["good", "bad"])
def test_the_contract_of_the_canary_takes_either_export(which, request, tmp_path):
    rows = request.getfixturevalue(which)
    taken = snapshot(tmp_path, parquet_files(rows), contract("flights-canary.yaml"))
    assert taken.rows == ROWS
