import pytest

from perennial_serving.process.fetch_settings import FetchSettings
from perennial_serving.settings import SettingsError

DIGEST = f"sha256:{'a' * 64}"
FETCH = {
    "PERENNIAL_STORE": '{"bucket": "models", "prefix": "team-a/"}',
    "PERENNIAL_ARTIFACT_PATH": "team-a/perennial/delays/artifacts/abc/",
    "PERENNIAL_ARTIFACT_DIGEST": DIGEST,
    "PERENNIAL_MODEL": "/var/run/perennial/model",
}


def test_the_operators_variables_are_enough_to_fetch():
    settings = FetchSettings.from_environment(FETCH)
    assert settings.location.bucket == "models"


def test_every_missing_variable_is_named():
    with pytest.raises(SettingsError) as refused:
        FetchSettings.from_environment({})
    assert all(variable in str(refused.value) for variable in FETCH)


@pytest.mark.parametrize("store", ["models", "{}", '{"bucket": "models", "secret": "x"}'])
def test_a_bad_store_is_named(store: str):
    with pytest.raises(SettingsError, match="PERENNIAL_STORE"):
        FetchSettings.from_environment({**FETCH, "PERENNIAL_STORE": store})
