import pytest

from perennial_serving.settings import FetchSettings, Limits, ServeSettings, SettingsError

DIGEST = f"sha256:{'a' * 64}"
SERVE = {
    "PERENNIAL_MODEL": "/var/run/perennial/model",
    "PERENNIAL_MODEL_NAME": "flight-delay",
    "PERENNIAL_MODEL_VERSION": "flight-delay-7c1f9a2b",
    "PERENNIAL_ARTIFACT_DIGEST": DIGEST,
    "PATH": "/usr/bin",
}
FETCH = {
    "PERENNIAL_STORE": '{"bucket": "models", "prefix": "team-a/"}',
    "PERENNIAL_ARTIFACT_PATH": "team-a/perennial/delays/artifacts/abc/",
    "PERENNIAL_ARTIFACT_DIGEST": DIGEST,
    "PERENNIAL_MODEL": "/var/run/perennial/model",
}


def test_the_operators_variables_are_enough_to_serve():
    settings = ServeSettings.from_environment(SERVE)
    assert settings.port == 8080
    assert settings.limits == Limits(body_bytes=8 << 20, rows=10_000)


def test_the_operators_variables_are_enough_to_fetch():
    settings = FetchSettings.from_environment(FETCH)
    assert settings.location.bucket == "models"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PERENNIAL_PORT", "http"),
        ("PERENNIAL_PORT", "0"),
        ("PERENNIAL_MAX_ROWS", "0"),
        ("PERENNIAL_MAX_BODY_BYTES", "1 MiB"),
        ("PERENNIAL_DRAIN_SECONDS", "-1"),
        ("PERENNIAL_ARTIFACT_DIGEST", "sha256:abc"),
        ("PERENNIAL_MODEL_NAME", "Flight Delay"),
    ],
)
def test_a_bad_variable_is_named(variable: str, value: str):
    with pytest.raises(SettingsError, match=variable):
        ServeSettings.from_environment({**SERVE, variable: value})


def test_every_missing_variable_is_named():
    with pytest.raises(SettingsError) as refused:
        FetchSettings.from_environment({})
    assert all(variable in str(refused.value) for variable in FETCH)


@pytest.mark.parametrize("store", ["models", "{}", '{"bucket": "models", "secret": "x"}'])
def test_a_bad_store_is_named(store: str):
    with pytest.raises(SettingsError, match="PERENNIAL_STORE"):
        FetchSettings.from_environment({**FETCH, "PERENNIAL_STORE": store})
