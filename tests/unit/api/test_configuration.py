import pytest
from pydantic import ValidationError

from perennial.api.configuration import Configuration
from perennial.api.tier import Tier

SMALLEST = {
    "stores": {"default": {"bucket": "models"}},
    "images": {"training": "job:1", "server": "server:1", "serverSklearn": "sklearn:1"},
}


def test_a_bucket_and_three_images_are_enough():
    configuration = Configuration.model_validate(SMALLEST)
    assert configuration.stores["default"].secret_name is None
    assert configuration.limits.jobs_per_namespace == 10
    assert configuration.watch_namespaces == ()


def test_only_compiled_versions_do_without_scikit_learn():
    images = Configuration.model_validate(SMALLEST).images
    assert images.server_of(Tier.COMPILED) == "server:1"
    assert {images.server_of(tier) for tier in set(Tier) - {Tier.COMPILED}} == {"sklearn:1"}


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
