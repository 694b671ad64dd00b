import pytest
from pydantic import ValidationError

from perennial.artifacts.store import StoreLocation

DIGEST = f"sha256:{'a' * 64}"


def test_the_operator_tells_the_location_as_json():
    told = '{"endpoint": "http://s3:8333", "bucket": "data", "prefix": "team/", "region": "eu"}'
    location = StoreLocation.from_environment({"PERENNIAL_STORE": told})
    assert location.endpoint == "http://s3:8333"
    assert location.key("raw/x.csv") == "team/raw/x.csv"


def test_everything_stands_below_the_prefix_under_its_digest():
    location = StoreLocation(bucket="data", prefix="team/")
    assert location.snapshot("delays", DIGEST) == f"team/perennial/delays/snapshots/{'a' * 64}/"
    assert location.artifact("delays", DIGEST) == f"team/perennial/delays/artifacts/{'a' * 64}/"


@pytest.mark.parametrize("wrong", [{"endpoint": "file:///etc"}, {"bucket": ""}, {"secret": "x"}])
def test_a_wrong_location_is_refused(wrong):
    with pytest.raises(ValidationError):
        StoreLocation.model_validate({"bucket": "data"} | wrong)
