import pytest
from pydantic import ValidationError

from perennial.api.configuration import Configuration

SMALLEST = {
    "stores": {"default": {"bucket": "models"}},
    "images": {"training": "perennial-job:1", "server": "perennial-server:1"},
}


def test_a_bucket_and_two_images_are_enough():
    configuration = Configuration.model_validate(SMALLEST)
    assert configuration.stores["default"].secret_name is None
    assert configuration.limits.jobs_per_namespace == 10
    assert configuration.watch_namespaces == ()


@pytest.mark.parametrize(
    ("mistake", "path"),
    [
        ({"stores": {}}, ("stores",)),
        ({"stores": {"default": {"bucket": "m"}}}, ("stores", "default", "bucket")),
        (
            {"stores": {"default": {"bucket": "models", "endpoint": "minio:9000"}}},
            ("stores", "default", "endpoint"),
        ),
        (
            {"stores": {"default": {"bucket": "models", "prefix": "/teams/"}}},
            ("stores", "default", "prefix"),
        ),
        ({"pauses": {"firstRetry": "30"}}, ("pauses", "firstRetry")),
        ({"limits": {"jobsPerNamespace": 0}}, ("limits", "jobsPerNamespace")),
        ({"watchNamespace": ["delays"]}, ("watchNamespace",)),
    ],
)
def test_a_mistake_is_told_with_the_path_of_the_field(mistake, path):
    with pytest.raises(ValidationError) as refusal:
        Configuration.model_validate({**SMALLEST, **mistake})
    (error,) = refusal.value.errors()
    assert error["loc"] == path
