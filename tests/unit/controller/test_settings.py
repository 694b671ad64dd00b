import pytest

from perennial.controller.settings import ConfigurationError, load

GOOD = """
stores: {default: {bucket: models}}
images: {training: "job:1", server: "server:1", serverSklearn: "sklearn:1"}
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "operator.yaml"


def test_a_valid_file_is_read_with_its_defaults(file):
    file.write_text(GOOD)
    configuration = load(file)
    assert configuration.stores["default"].bucket == "models"
    assert configuration.lease.duration_seconds == 15


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (
            "stores: {default: {bucket: x}}\nimages: {training: a, server: b}",
            "stores.default.bucket",
        ),
        (GOOD + "limits: {jobsPerNamespace: 0}", "limits.jobsPerNamespace"),
        (GOOD + "prot: 8080", "prot"),
        ("stores: {default: {bucket: models}}", "images"),
        ("- a list", "(file)"),
        ("", "(file)"),
    ],
)
def test_an_invalid_field_is_named_by_its_path(file, text, path):
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    assert f"{path}: " in str(caught.value)


def test_a_value_is_never_repeated_since_it_may_be_a_secret(file):
    file.write_text(GOOD + "password: hunter2")
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_missing_or_no_yaml_is_named(file):
    with pytest.raises(ConfigurationError, match=r"operator.yaml: No such file"):
        load(file)
    file.write_text("a: [")
    with pytest.raises(ConfigurationError, match="is not YAML"):
        load(file)
